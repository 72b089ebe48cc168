/**
 * Makes foreign text safe for a terminal: what has no shape of its own is shown as `\u001b`, so that it can neither
 * move the cursor, change colours or the direction of the text, nor hide in it. Line breaks are shown as `\n`, so that a
 * message stays on one line.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
    character === '\n' ? '\\n' : escaped(character),
  );
}

/**
 * Makes text safe for a terminal whose line breaks and colours are ours, as {@link visible} does. JSON has escaped the
 * controls of foreign text that this leaves. In JSON the result means the same.
 */
export function withoutHiddenControls(text: string): string {
  // Most lines of a log are plain: to test them takes a fraction of the time.
  if (!/[^\u0000-\u007e]/.test(text)) return text;
  return text.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escaped);
}

/** In UTF-16, since JSON has no other escapes. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
