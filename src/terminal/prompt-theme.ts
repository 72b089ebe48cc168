import { makeTheme, type Status } from '@inquirer/core';
import { wrapBehind } from '../text/wrap.ts';

/** How many columns the mark before a message or an error has. */
const mark = 2;

/** The columns that a prompt needs behind its message. If the last line has fewer left, the input is on its own line. */
export interface RoomBehind {
  /** While the prompt is open, such as for `(y/N)`. */
  readonly open?: number;
  /** Once it is answered. */
  readonly done?: number;
}

/**
 * The look of prompts: that of the library, with messages and errors broken between words. The library itself breaks
 * them wherever a line is full.
 *
 * @param columns the width of the terminal
 */
export function promptTheme(columns: number, behind: RoomBehind = {}) {
  const { style } = makeTheme();
  const broken = (text: string, room = 0) => {
    const lines = wrapBehind(text, mark, columns);
    const last = lines.slice(lines.lastIndexOf('\n') + 1);
    const before = last === lines ? mark : 0;
    return before + last.length + room > columns ? `${lines}\n ` : lines;
  };
  return {
    style: {
      message: (text: string, status: Status) =>
        style.message(broken(text, status === 'done' ? behind.done : behind.open), status),
      error: (text: string) => style.error(broken(text)),
      help: (text: string) => style.help(broken(text)),
    },
  };
}

export type PromptTheme = ReturnType<typeof promptTheme>;
