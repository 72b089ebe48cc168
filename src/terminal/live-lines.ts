import { logUpdateStderr } from 'log-update';
import sliceAnsi from 'slice-ansi';

/** Lines on stderr that are drawn over again. Only for where `Terminal.redraws` is true. */
export interface LiveLines {
  show(lines: readonly string[]): void;
  /** Takes them off the screen again. */
  clear(): void;
}

export function openLiveLines(): LiveLines {
  return {
    show: (lines) => logUpdateStderr(cut(lines, process.stderr).join('\n')),
    clear: () => {
      logUpdateStderr.clear();
      logUpdateStderr.done();
    },
  };
}

/**
 * The last lines that a screen holds, none wider than it: what has scrolled away cannot be taken off again. Of the
 * rows, one is the cursor's.
 */
function cut(lines: readonly string[], { columns = 80, rows = 24 }: NodeJS.WriteStream): string[] {
  return lines.slice(-Math.max(1, rows - 1)).map((line) => sliceAnsi(line, 0, columns));
}
