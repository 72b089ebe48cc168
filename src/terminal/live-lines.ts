import { logUpdateStderr } from 'log-update';

/** Lines on stderr that are drawn over again. Only for where `Terminal.redraws` is true. */
export interface LiveLines {
  show(lines: readonly string[]): void;
  /** Takes them off the screen again. */
  clear(): void;
}

export function openLiveLines(): LiveLines {
  return {
    show: (lines) => logUpdateStderr(lines.join('\n')),
    clear: () => {
      logUpdateStderr.clear();
      logUpdateStderr.done();
    },
  };
}
