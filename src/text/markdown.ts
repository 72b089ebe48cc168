const code =
  /(https:\/\/<[\w/<>-]+|(?<![\w/.:])(?:--[a-z][a-z-]+|\/[a-z_]+(?:\/[a-z_]+)*|[A-Za-z][\w.]*_[\w.:]*\w|[a-z_.]+:[a-z_.]+(?::[a-z]+)?|\.[a-z]{3,}(?=[ ,)]))(?![\w]))/;

/** A sentence in which nothing is Markdown or HTML; options, paths, keys, scopes and variables are set as code. */
export function prose(text: string): string {
  return text
    .split(code)
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : part.replace(/[<>*_|]/g, '\\$&')))
    .join('');
}
