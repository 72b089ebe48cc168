import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';

/** The fewest columns that text beside a label is set in; with fewer it goes below the label. */
const leastColumns = 24;

/**
 * Breaks the lines of a text between words, for a screen. What follows a break is indented: to the last column of a row
 * (columns stand two blanks apart), else to the text behind a label such as `hint: `, `1. ` or `- `. Words such as
 * URLs and paths stay whole, and so do commands and lines of source, which a person copies or compares.
 *
 * @param text may hold colours
 * @param columns the width of the screen
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (widthOf(line) > columns || isCrowded(line, columns) ? wrapLine(line, columns) : line))
    .join('\n');
}

/** The columns that a line takes; most of a help is ASCII, of which the width is known. */
function widthOf(line: string): number {
  return /^[ -~]*$/.test(line) ? line.length : stringWidth(line);
}

/** Whether a row of a label and a text has so little room for its text that its neighbours are broken below the label. */
function isCrowded(line: string, columns: number): boolean {
  const plain = line.replace(escapes, '');
  const column = firstColumn.exec(plain)?.[0].length;
  return (
    column !== undefined && columns - column < leastColumns && column === lastColumn.exec(plain)?.[0].length
  );
}

function wrapLine(line: string, columns: number): string {
  const plain = line.replace(escapes, '');
  if (sourceLine.test(plain) || commandLine.test(plain)) return line;
  const label = labelled.exec(plain)?.[0].length ?? 0;
  const margin = plain.search(/\S|$/);
  const column = lastColumn.exec(plain)?.[0].length;
  if (column === undefined) return hang(line, label, columns);
  const text = plain.slice(column);
  if (columns - column >= leastColumns && !commandLine.test(` ${text}`)) return hang(line, column, columns);
  // Below the row, under its second column where that is near.
  const second = firstColumn.exec(plain)?.[0].length ?? 0;
  const indent = ' '.repeat(second > 0 && second < column && second <= columns / 3 ? second : margin + 4);
  const [row, rest] = splitAt(line, column);
  const below = commandLine.test(` ${text}`)
    ? rest
    : wrapAnsi(rest, Math.max(leastColumns / 2, columns - indent.length));
  const above = wrapText(row.trimEnd(), columns).split('\n');
  const beside = `${above.at(-1)}  ${below}`;
  // Several short cells of a row share a line below it.
  if (above.length > 1 && stringWidth(beside) <= columns) return [...above.slice(0, -1), beside].join('\n');
  return [...above, ...below.split('\n').map((one) => indent + one)].join('\n');
}

/**
 * Breaks a text that begins in a column of the screen, such as behind a mark. What follows a break is set below its
 * beginning.
 *
 * @param column how many columns precede the text
 * @param columns the width of the screen
 * @returns the text without what precedes it
 */
export function wrapBehind(text: string, column: number, columns: number): string {
  return hang(' '.repeat(column) + text, column, columns).slice(column);
}

/** Breaks a line, with all that follows the first break under the text behind so many columns. */
function hang(line: string, column: number, columns: number): string {
  const [head, text] = splitAt(line, column);
  const [first = '', ...others] = wrapAnsi(text, columns - column).split('\n');
  return [head + first, ...others.map((other) => ' '.repeat(column) + other)].join('\n');
}

const escapes = /\u001b\[[\d;]*m/g;

/** Two blanks or more before the last text of a row. */
const lastColumn = /^ *\S.* {2,}(?=\S)/;
const firstColumn = /^ *\S+(?: \S+)* {2,}(?=\S)/;

/** Blanks, and what may stand before a text: `error: `, `1. `, `- `, a mark of doctor. */
const labelled = /^ *(?:(?:\d+\.|[-+~•#✓✗·!x]|[a-z]+:) )?/;

/** A line of a file, as it is quoted with its number. */
const sourceLine = /^ *\d* \| /;

/** Something to paste into a shell: of other programs than this one only in the indented lines of next steps. */
const commandLine =
  /^(?:\s+(?:\$ |(?:[A-Z_]+=\S+ )*spacelift-slack )| {5,}(?:kubectl|docker|terraform|aws|sudo|rm|unset|\.\/install\.sh|\.|\(set) (?! ))/;

/** Cuts a line before a character, not counting the escapes of its colours. */
function splitAt(line: string, index: number): [string, string] {
  const head = new RegExp(`^(?:(?:\u001b\\[[\\d;]*m)*[^\u001b]){${index}}`).exec(line)?.[0] ?? line;
  return [head, line.slice(head.length)];
}
