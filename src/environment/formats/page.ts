import { deploymentFormats } from './formats.ts';

/** The table of formats in docs/env.md, in Markdown, with columns of equal width. */
export function renderFormats(): string {
  const rows = deploymentFormats.map(({ name, summary, remarks }) => [
    `\`${name}\``,
    `${summary}${remarks === undefined ? '' : `. ${remarks}`}`,
  ]);
  const table = [['format', 'what it is'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  const [head = [], ...body] = table;
  return [line(head), line(['', ''], '-'), ...body.map((row) => line(row))].join('\n');
}
