/** @returns the text, or the beginning of a longer one with `…` behind it */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
