import { logUpdateStderr } from 'log-update';
import { wrapText } from '../text/wrap.ts';

/** Lines on stderr that are drawn over again. Only for where `Terminal.redraws` is true. */
export interface LiveLines {
  show(lines: readonly string[]): void;
  /** Takes them off the screen again. */
  clear(): void;
}

export function openLiveLines(): LiveLines {
  return {
    show: (lines) => logUpdateStderr(fitted(lines, process.stderr).join('\n')),
    clear: () => {
      logUpdateStderr.clear();
      logUpdateStderr.done();
    },
  };
}

/**
 * The last rows that a screen holds of some lines: what has scrolled away cannot be taken off again. Of the rows, one is
 * the cursor's.
 */
function fitted(lines: readonly string[], { columns = 80, rows = 24 }: NodeJS.WriteStream): string[] {
  return wrapText(lines.join('\n'), columns)
    .split('\n')
    .slice(-Math.max(1, rows - 1));
}
