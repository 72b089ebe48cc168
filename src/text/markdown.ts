const code =
  /(https:\/\/<[\w/<>-]+|(?<![\w/.:])(?:--[a-z][a-z-]+|\/[a-z_]+(?:\/[a-z_]+)*|[A-Za-z][\w.]*_[\w.:]*\w|[a-z_.]+:[a-z_.]+(?::[a-z]+)?|\.[a-z]{3,}(?=[ ,)]))(?![\w]))/;

/** A sentence in which nothing is Markdown or HTML; options, paths, keys, scopes and variables are set as code. */
export function prose(text: string): string {
  return text
    .split(code)
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : part.replace(/[<>*_|]/g, '\\$&')))
    .join('');
}

/**
 * A table in Markdown, with columns of equal width.
 *
 * @param rows the head, then the rows below it; cells are Markdown, in which a bar is escaped
 */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  return [line(head), line([], '-'), ...body.map((row) => line(row))].join('\n');
}
