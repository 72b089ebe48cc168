import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../src/doctor/quote.ts';
import { createRedactor } from '../../src/doctor/redactor.ts';

describe('quote', () => {
  it.each([
    ['plain', '"plain"'],
    ['two\nlines\r\n  and  blanks', '"two lines and blanks"'],
    ['\u001b[31mred\u001b[0m', '"\\u001b[31mred\\u001b[0m"'],
    ['right-to-left \u202e override', '"right-to-left \\u202e override"'],
    ['::error::x', '": :error: :x"'],
    ['a ##[error]x', '"a ## [error]x"'],
    ['say "hi"', '"say \'hi\'"'],
    [' at both ends\n', '"at both ends"'],
    ['', '""'],
  ])('makes %j fit to be shown', (text, shown) => {
    expect(quote(text)).toBe(shown);
  });

  it('lets nothing through that a terminal or a CI system would act on, whatever comes', () => {
    // Not the unit `binary` of fast-check, which takes a second to prepare.
    const character = fc.nat(0x10ffff).map((codePoint) => String.fromCodePoint(codePoint));
    const nasty = fc.string({ unit: fc.constantFrom(...':#[]%\n\r\u001b\u202e"a ', '::', '##[') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: character }), nasty), (text) => {
        expect(quote(text)).toMatch(/^"[^"]*"$/);
        expect(quote(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|::|##\[/);
      }),
    );
  });

  it('cuts off what is long', () => {
    expect(quote('x'.repeat(11), 10)).toBe(`"${'x'.repeat(10)}…"`);
    expect(quote('x'.repeat(10), 10)).toBe(`"${'x'.repeat(10)}"`);
  });
});

describe('createRedactor', () => {
  it('takes every occurrence of a secret out', () => {
    const redactor = createRedactor(['0123456789abcdef']);
    redactor.add('v0=fedcba');
    expect(redactor.redact('a 0123456789abcdef b v0=fedcba c 0123456789abcdef')).toBe(
      'a [redacted] b [redacted] c [redacted]',
    );
  });

  it('leaves a value alone that is too short to be a secret', () => {
    const redactor = createRedactor(['404', '1234567']);
    redactor.add('accepted');
    expect(redactor.redact('a 404 b 1234567 c accepted')).toBe('a 404 b 1234567 c [redacted]');
  });
});
