/** Quotes a word for a POSIX shell: between single quotes, only the single quote itself is special. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A word of a command line, quoted if a shell would read it in another way. */
export function shellWord(text: string): string {
  return /^[\w./@%+,:=-]+$/.test(text) ? text : shellQuote(text);
}
