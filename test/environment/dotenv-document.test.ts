import { parseEnv } from 'node:util';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValue, setVariables } from '../../src/environment/dotenv-document.ts';
import { Reach } from '../support/reach.ts';
import { dotenvFiles } from './dotenv-files.ts';

const values = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};
const all = `SLACK_APP_CLIENT_ID=${values.SLACK_APP_CLIENT_ID}
SLACK_APP_CLIENT_SECRET=${values.SLACK_APP_CLIENT_SECRET}
SLACK_SECRET=${values.SLACK_SECRET}
`;

describe('setVariables', () => {
  it.each([
    ['nothing', '', 'A=new\n'],
    ['other keys', 'B=1\n# end\n', 'B=1\n# end\nA=new\n'],
    ['no line break at the end', 'B=1', 'B=1\nA=new'],
    ['CRLF', 'B=1\r\nC=2\r\n', 'B=1\r\nC=2\r\nA=new\r\n'],
    ['CRLF and no line break at the end', 'B=1\r\nC=2', 'B=1\r\nC=2\r\nA=new'],
    ['the key', 'B=1\nA=old\nC=2\n', 'B=1\nA=new\nC=2\n'],
    ['the key on the last line', 'B=1\nA=old', 'B=1\nA=new'],
    ['an empty value', 'A=\nB=1\n', 'A=new\nB=1\n'],
    ['an empty value at the end', 'A=', 'A=new'],
    ['export and blanks', '  export  A = old \nB=1', '  export  A = new \nB=1'],
    ['a comment behind it', 'A=old # note\n', 'A=new # note\n'],
    ['a comment right behind it', 'A=old#note\n', 'A=new #note\n'],
    ['a comment behind nothing', 'A=   # note\n', 'A=new   # note\n'],
    ['quotes and a comment', 'A="o#ld" # note\n', 'A=new # note\n'],
    ['the key in a comment', '# A=old\n#A=old\n', '# A=old\n#A=old\nA=new\n'],
    ['a key that begins alike', 'AB=1\nXA=2\nA.B=3\n', 'AB=1\nXA=2\nA.B=3\nA=new\n'],
    ['a value over several lines', "A='one\ntwo' # c\nB=1\n", 'A=new # c\nB=1\n'],
    ['the key inside of another value', 'B="x\nA=old\ny"\n', 'B="x\nA=old\ny"\nA=new\n'],
    ['quotes that are never closed', 'B="x\nA=old\n', 'B="x\nA=new\n'],
    ['a quote in the middle', "B=it's\nA=old\nC=it's\n", "B=it's\nA=new\nC=it's\n"],
    ['an escaped quote', 'B="a\\"\nA=old\n"\n', 'B="a\\"\nA=old\n"\nA=new\n'],
    ['a blank before a value over several lines', 'A= "one\ntwo"\n', 'A= new\n'],
    ['backticks', 'A=`o"l\'d`\n', 'A=new\n'],
    ['a colon for a separator', 'A: old\n', 'A: new\n'],
    ['a byte order mark', '\ufeffA=old\n', '\ufeffA=new\n'],
    ['quotes on the line below', 'A=\n"old"\nB=1\n', 'A=new\nB=1\n'],
    ['lone carriage returns', 'B=1\rA=old\rC=2\r', 'B=1\rA=new\rC=2\r'],
    ['no assignment at all', 'just words\n\n', 'just words\n\nA=new\n'],
  ])('sets a key in a file with %s', (_name, before, after) => {
    const bytes = Buffer.from(before).toString('latin1');
    const { text, repeated } = setVariables(bytes, { A: 'new' });
    expect(Buffer.from(text, 'latin1').toString()).toBe(after);
    expect(repeated).toEqual([]);
    expect(parse(after)).toEqual({ ...parse(before), A: 'new' });
  });

  it.each([
    ['A=1\nB=2\nA=3\n', 'A=new\nB=2\n'],
    ['A=1\nB=2\nA=3', 'A=new\nB=2'],
    ['A=1\r\nB=2\r\nA=3', 'A=new\r\nB=2'],
    ['A=1\r\nB=2\nA=3', 'A=new\r\nB=2'],
    ['A=1\nB=2\nA="x\ny"', 'A=new\nB=2'],
    ['A=1\nexport A="x\ny" # c\nB=2\nA=', 'A=new\nB=2'],
  ])('keeps one of several assignments: %j', (before, after) => {
    expect(setVariables(before, { A: 'new' })).toEqual({ text: after, repeated: ['A'] });
  });

  it('keeps bytes that are not UTF-8', () => {
    const before = Buffer.from([
      0x23, 0xe0, 0x20, 0xff, 0x0a, 0x42, 0x3d, 0xe0, 0xa0, 0x0a, 0x41, 0x3d, 0xe0, 0x0a,
    ]);
    const { text } = setVariables(before.toString('latin1'), { A: 'ü' });
    const after = Buffer.from(text, 'latin1');
    expect(after.subarray(0, 10)).toEqual(before.subarray(0, 10));
    expect(after.subarray(10).toString()).toBe("A='ü'\n");
  });

  it('changes nothing the second time', () => {
    const once = setVariables('B=1 # x\r\nSLACK_SECRET="a"\r\n', values).text;
    expect(setVariables(once, values)).toEqual({ text: once, repeated: [] });
  });
});

describe('twenty files as people write them', () => {
  it.each(dotenvFiles.map((text, index) => [index + 1, text] as const))(
    'keeps everything else in file %d',
    (_index, before) => {
      const after = setVariables(before, values).text;
      expect(parse(after)).toEqual({ ...parse(before), ...values });
      expect(othersOf(after)).toEqual(othersOf(before));
      expect(after.endsWith('\n')).toBe(before === '' || before.endsWith('\n'));
    },
  );

  it('cover every kind', () => {
    expect(dotenvFiles.length).toBe(20);
    for (const kind of [/\r\n/, /^export /m, /^#/m, /="[^"\n]*\n/, /[^\n]$/, /SLACK_SECRET/, /^\ufeff/]) {
      expect(dotenvFiles.some((text) => kind.test(text))).toBe(true);
    }
  });

  /** Lines that hold none of the three, in order and to the byte; line breaks too. */
  function othersOf(text: string): string[] {
    return (text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
      .filter((line) => !/^\s*(export\s+)?SLACK_(APP_CLIENT_ID|APP_CLIENT_SECRET|SECRET)\s*[=:]/.test(line))
      .map((line, index, lines) => (index === lines.length - 1 ? line.replace(/\r?\n$/, '') : line));
  }
});

describe('any file', () => {
  const blanks = fc.constantFrom('', ' ', '  ', '\t');
  const key = fc.constantFrom(
    'A',
    'B_2',
    'c.d',
    'E-F',
    'SLACK_SECRET',
    'SLACK_SECRETS',
    'SLACK_APP_CLIENT_ID',
  );
  const letters = fc.string({ unit: fc.constantFrom(...'ab1 $#=\\{};é€'), maxLength: 12 });
  const apostrophes = letters.map((text) => `x'${text}'`);
  const inside = (quote: string) =>
    fc
      .string({ unit: fc.constantFrom(...'ab1 $#=\n{}\'"`\\', 'A=1\n'), maxLength: 14 })
      .map((text) => quote + text.replaceAll(quote, '').replace(/\\+$/, '') + quote);
  const value = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9_./:-]{0,20}$/),
    inside('"'),
    inside("'"),
    inside('`'),
    letters,
    apostrophes,
  );
  const comment = fc.constantFrom('', '', ' # note', ' # it\'s "so"', '#x');
  const assignment = fc
    .tuple(
      blanks,
      fc.constantFrom('', '', 'export '),
      key,
      blanks,
      fc.constantFrom('=', '=', ': '),
      blanks,
      value,
      comment,
    )
    .map(
      ([indent, exported, name, before, separator, after, text, note]) =>
        `${indent}${exported}${name}${separator === '=' ? before : ''}${separator}${after}${text}${note}`,
    );
  const other = fc.oneof(
    fc.constant(''),
    letters.map((text) => `# ${text}`),
    letters,
  );
  const file = fc
    .tuple(
      fc.array(fc.oneof({ weight: 3, arbitrary: assignment }, { weight: 1, arbitrary: other }), {
        maxLength: 8,
      }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
    )
    .map(([lines, lineBreak, ends]) => lines.join(lineBreak) + (ends && lines.length > 0 ? lineBreak : ''));

  it('reads as before except for the keys that were set', () => {
    const reach = new Reach<'a key to be set' | 'a key to be set, twice' | 'other keys'>();
    fc.assert(
      fc.property(file, (before) => {
        const bytes = Buffer.from(before).toString('latin1');
        const { text, repeated } = setVariables(bytes, values);
        const after = Buffer.from(text, 'latin1').toString();
        expect(parse(after)).toEqual({ ...parse(before), ...values });
        const keys = Object.keys(parse(before));
        reach.count({
          'a key to be set': keys.some((name) => Object.hasOwn(values, name)),
          'a key to be set, twice': repeated.length > 0,
          'other keys': keys.some((name) => !Object.hasOwn(values, name)),
        });
      }),
      { numRuns: 3_000 },
    );
    expect(reach.below(0.1)).toEqual([]);
  });

  const wellFormed = fc.oneof(fc.stringMatching(/^[a-zA-Z0-9_./:-]{0,20}$/), inside('"'), inside("'"));
  const lines = fc.array(
    fc.oneof(
      fc
        .tuple(blanks, fc.constantFrom('', 'export '), key, wellFormed, fc.constantFrom('', ' # it is "so"'))
        .map(([indent, exported, name, text, note]) => ({
          name,
          line: `${indent}${exported}${name}=${text}${note}`,
        })),
      letters.map((text) => ({ name: '', line: `# ${text}` })),
    ),
    { maxLength: 8 },
  );

  it('keeps every byte of every line except those of the keys that were set', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), (pieces, lineBreak) => {
        const before = pieces.map(({ line }) => line + lineBreak).join('');
        let rest = setVariables(before, values).text;
        const seen = new Set<string>();
        for (const { name, line } of pieces) {
          if (!Object.hasOwn(values, name)) {
            expect(rest.slice(0, line.length + lineBreak.length)).toBe(line + lineBreak);
            rest = rest.slice(line.length + lineBreak.length);
          } else if (!seen.has(name)) {
            expect(rest.slice(0, rest.indexOf('='))).toBe(line.slice(0, line.indexOf('=')));
            rest = rest.slice(rest.indexOf(lineBreak) + lineBreak.length);
            seen.add(name);
          }
        }
        expect(Object.keys(parse(rest))).toEqual(Object.keys(values).filter((name) => !seen.has(name)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not change when set again', () => {
    fc.assert(
      fc.property(file, (before) => {
        const once = setVariables(before, values).text;
        expect(setVariables(once, values)).toEqual({ text: once, repeated: [] });
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeValue', () => {
  it.each([
    ['a.b:c/d@e%f+g,h-1', 'a.b:c/d@e%f+g,h-1'],
    ['', "''"],
    ['a b', "'a b'"],
    ['a#', "'a#'"],
    ['#a', "'#a'"],
    [`a'b`, `"a'b"`],
    [`a'b"c`, `\`a'b"c\``],
  ])('writes %j as %s', (value, encoded) => {
    expect(encodeValue('A', value)).toBe(encoded);
  });

  it.each([
    '8f74$22{x}',
    `a"b'c`,
    '#x',
    '2833563543.1341693891393',
    'a b',
    '',
    '\\',
    "'",
    'a\\n',
    'é',
    `a'b"c\`d`,
    all,
  ])('quotes %j so that dotenv and node read it back', (value) => {
    const text = `A=${encodeValue('A', value)}\nB=1\n`;
    expect(parse(text)).toEqual({ A: value, B: '1' });
    expect({ ...parseEnv(text) }).toEqual({ A: value, B: '1' });
  });

  it('rejects a value that cannot be quoted, and does not show it', () => {
    const value = `'a"b\`c`;
    expect(() => encodeValue('SLACK_SECRET', value)).toThrow(
      expect.objectContaining({
        code: 'value-unwritable',
        message: 'the value of SLACK_SECRET cannot be written to a dotenv file: it cannot be quoted',
        hint: expect.stringContaining('Other formats can hold it.'),
        exitCode: 2,
      }),
    );
  });
});
