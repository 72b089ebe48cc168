import { logUpdateStderr } from 'log-update';
import { wrapText } from '../text/wrap.ts';

/** Lines on stderr that are redrawn in place. Use only if `Terminal.redraws` is true. */
export interface LiveLines {
  show(lines: readonly string[]): void;
  /** Removes them from the screen. */
  clear(): void;
}

/** Opens lines on stderr that are redrawn in place. */
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
 * The last rows of the wrapped lines that fit the screen: rows that have scrolled away cannot be removed. One row is
 * the cursor's.
 */
function fitted(lines: readonly string[], { columns = 80, rows = 24 }: NodeJS.WriteStream): string[] {
  return wrapText(lines.join('\n'), columns)
    .split('\n')
    .slice(-Math.max(1, rows - 1));
}
