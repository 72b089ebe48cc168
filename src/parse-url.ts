/**
 * Parses a URL as browsers do (WHATWG URL).
 *
 * `URL.canParse` is not used: once V8 has optimized its caller, Node 20 and 22 return false for a URL with a character
 * from U+0080 to U+00FF and none above.
 *
 * @param base what a relative URL refers to
 * @returns undefined if the text is not a URL
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
