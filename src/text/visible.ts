/**
 * Makes foreign text safe for a terminal: control characters, including the escape sequences that move the cursor or
 * change colours, are shown as `\u001b`. Line breaks are shown as `\n`, so that a message stays on one line.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) =>
      character === '\n' ? '\\n' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Makes text safe for a terminal whose line breaks and colours are ours. What is left of control characters in it was
 * not removed by JSON: those that begin an escape sequence in 8-bit terminals, and those that change the direction of
 * the text. In JSON the result means the same.
 */
export function withoutHiddenControls(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
