import { describe, expect, it } from 'vitest';
import { visible, withoutHiddenControls } from '../../src/text/visible.ts';

/** Controls, formats (bidirectional controls and tags among them), separators, and all others without a shape. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));

describe('visible', () => {
  it.each([
    ['an escape sequence', 'a\u001b[31mb', String.raw`a\u001b[31mb`],
    ['a line break', 'a\nb', String.raw`a\nb`],
    ['a C1 control', '\u009b31m', String.raw`\u009b31m`],
    ['a zero-width space', 'a\u200bb', String.raw`a\u200bb`],
    ['a byte order mark', '\ufeffa', String.raw`\ufeffa`],
    ['a soft hyphen', 'a\u00adb', String.raw`a\u00adb`],
    ['a right-to-left override', 'a\u202eb', String.raw`a\u202eb`],
    ['a variation selector', 'a\ufe0fb', String.raw`a\ufe0fb`],
    ['a Hangul filler', 'a\u3164b', String.raw`a\u3164b`],
    ['a tag', 'a\u{e0041}b', String.raw`a\udb40\udc41b`],
  ])('shows %s', (_name, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('changes every hidden character of Unicode, and no other', () => {
    const wrong = everyCharacter.filter((character) => {
      const shown = visible(character);
      return hidden.test(shown) || (shown !== character) !== hidden.test(character);
    });
    expect(wrong).toEqual([]);
  });
});

describe('withoutHiddenControls', () => {
  it('shows every hidden character of Unicode but those of line breaks, tabs and colours', () => {
    const left = everyCharacter.filter((character) => hidden.test(withoutHiddenControls(character)));
    expect(left).toEqual(everyCharacter.slice(0, 0x20));
  });

  it('changes nothing that JSON means', () => {
    const text = everyCharacter.join('');
    expect(JSON.parse(withoutHiddenControls(JSON.stringify(text))) === text).toBe(true);
  });
});
