/** Quotes a word for a POSIX shell: between single quotes, only the single quote itself is special. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
