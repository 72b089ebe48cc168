/**
 * Text from elsewhere made safe for a terminal: control characters, among them the escapes that move a cursor or
 * change a colour, become visible as `\u001b`. Line breaks become `\n`, so that one message stays one line.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) =>
      character === '\n' ? '\\n' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
