import { expect, it } from 'vitest';
import { validateFile } from '../../../src/manifest/validate.ts';
import { validateText } from '../documented.ts';

const json = 'manifest.json';
const yaml = 'manifest.yaml';
const create = 'Create a manifest with: spacelift-slack manifest --domain <domain>';
const look = 'Look for a missing comma, colon, quote or brace just before this place.';
const copy = 'Copy it again, up to the last closing brace.';
const noTrailing = 'Remove it: JSON allows no trailing comma.';
const noComments = 'Remove it: JSON has no comments.';
const doubleQuotes = 'Write strings and keys in double quotes.';
const begin = 'Begin JSON with a brace; give a YAML file a name that ends in .yaml.';

it.each<[name: string, text: string, message: string, hint: string]>([
  [json, '', 'the file is empty', create],
  [json, ' \n', 'the file is empty', create],
  [yaml, '', 'the file is empty', create],
  [json, '{"a": 1', 'the file ends in the middle of a value', copy],
  [json, '{"a": "b', 'the file ends in the middle of a value', copy],
  [json, '{"a": 1, }', 'a comma precedes the closing }', noTrailing],
  [json, '{"a": [1,\n]}', 'a comma precedes the closing ]', noTrailing],
  [json, '{"a":}', 'unexpected "}"', look],
  [json, '{"a": [1 }', 'unexpected "}"', look],
  [
    json,
    '{"a": "b\nc"}',
    'a string contains a line break or another control character',
    'Escape it: \\n for a line break, \\t for a tab.',
  ],
  [json, '{ // a\n}', 'a comment begins here', noComments],
  [json, '{ /* a */ }', 'a comment begins here', noComments],
  [json, '{ / }', 'unexpected "/"', look],
  [
    json,
    '{\u00a0}',
    'this is a space that JSON does not allow, such as a no-break space',
    'Replace it with a plain space.',
  ],
  [
    json,
    '{\u200b}',
    'this is a space that JSON does not allow, such as a no-break space',
    'Replace it with a plain space.',
  ],
  [json, "{'a': 1}", 'a single quote begins here', doubleQuotes],
  [json, '{a: 1}', 'unexpected "a"', look],
  [json, '{"a": 1 "b": 2}', 'unexpected "\\""', look],
  [json, 'name: a', 'unexpected "n"', begin],
  [json, ' name: a', 'unexpected "n"', begin],
  [yaml, 'a: 1\n---\nb: 2\n', 'a second YAML document begins here', 'Write one manifest a file.'],
  [yaml, 'a: *b\n', 'no anchor precedes the alias *b', 'Repeat the value instead.'],
  [yaml, 'a: &b\n  c: *b\n', 'the alias *b contains itself', 'Repeat the value instead.'],
  [yaml, '? [a]\n: b\n', 'a key is an array, an object or an alias', 'Write keys as plain words.'],
  [
    yaml,
    'a:\n    b: 1\n  c: 2\n',
    'invalid YAML: all mapping items must start at the same column',
    'Check the indentation and the quotes just before this place.',
  ],
  [
    json,
    '{\n<<<<<<< HEAD\n}',
    'a merge conflict begins here',
    'Keep one of the two sides, and remove the conflict markers.',
  ],
])('says what is wrong with %s %j', async (name, text, message, hint) => {
  const { findings } = await validateText(text, name);
  expect(findings.filter(({ rule }) => rule === 'syntax')).toMatchObject([{ message, hint }]);
});

it.each([
  'SLACK_SECRET=a\n',
  '# the secrets\n\nexport SLACK_SECRET=a\n',
  '; an INI file\n[slack]\nsecret = a\n',
  '\n  A.B = 1\n',
  'A=1\r\nB=2',
])('takes %j for an env file', async (text) => {
  const { findings } = await validateText(text, yaml);
  expect(findings).toMatchObject([
    { rule: 'not-a-manifest', line: 1, message: 'this looks like an env file, not a Slack app manifest' },
  ]);
});

it.each(['a: b=c\n', '[slack]\nname: a\n', '"A=1"\n', 'name a = 1: b\n', '1A=1: x\n'])(
  'takes %j for no env file',
  async (text) => {
    const { findings } = await validateText(text, yaml);
    expect(findings.map(({ message }) => message).join()).not.toContain('env file');
  },
);

const limit = 128 * 1024;
const sized = (bytes: number) => Buffer.from(`{}${' '.repeat(bytes - 2)}`);

it('reads as many bytes as the limit, and no more', async () => {
  const rules = async (bytes: number) =>
    (await validateFile(sized(bytes), json, { lenient: false })).findings.map(({ rule }) => rule);
  expect(await rules(limit)).toEqual(['missing-key']);
  expect(await rules(limit + 1)).toEqual(['too-large']);
  expect((await validateFile(sized(limit + 1), json, { lenient: false })).findings).toMatchObject([
    { message: 'the file has more than 128 KiB' },
  ]);
});

it.each([
  [Buffer.from('{"a": "\0"}'), 'the file contains a NUL byte'],
  [Buffer.from('{"a": "\xe4"}', 'latin1'), 'the file is not UTF-8'],
  [Buffer.concat([Buffer.from('\0'), Buffer.from('\xe4', 'latin1')]), 'the file contains a NUL byte'],
])('says why %s cannot be decoded', async (bytes, message) => {
  expect((await validateFile(bytes, json, { lenient: false })).findings).toMatchObject([
    { rule: 'encoding', message },
  ]);
});

it('warns about a byte-order mark, and reads what follows it', async () => {
  const bytes = Buffer.from('\ufeff{"display_information":{"name":"a"}}');
  expect((await validateFile(bytes, json, { lenient: false })).findings).toMatchObject([
    {
      rule: 'byte-order-mark',
      severity: 'warning',
      line: 1,
      column: 1,
      message: 'the file starts with a byte-order mark',
    },
  ]);
});

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

it.each([
  [json, (depth: number) => `{"a": ${nested(depth - 1)}}`],
  [yaml, (depth: number) => `a: ${nested(depth - 1)}`],
])('reads 64 levels of %s, and no more', async (name, text) => {
  const rules = async (depth: number) =>
    (await validateText(text(depth), name)).findings.map(({ rule }) => rule);
  expect(await rules(64)).not.toContain('too-deep');
  expect(await rules(65)).toEqual(['too-deep']);
  expect((await validateText(text(65), name)).findings).toMatchObject([
    { message: 'the file nests more than 64 levels deep' },
  ]);
});

it.each([json, yaml])('counts no brackets in a string of %s', async (name) => {
  const text = `{"display_information": {"name": "a", "description": "${'[{'.repeat(40)}\\"${'['.repeat(10)}"}}`;
  expect((await validateText(text, name)).findings.map(({ rule }) => rule)).not.toContain('too-deep');
});

it.each([
  [json, '{"a": [', ']}'],
  [yaml, 'a: [', ']'],
])('reads arrays of 1,000 items in %s, and no longer ones', async (name, before, after) => {
  const rules = async (items: number) =>
    (await validateText(before + Array(items).fill(1).join(',') + after, name)).findings;
  expect((await rules(1_000)).map(({ rule }) => rule)).not.toContain('too-large');
  expect(await rules(1_001)).toMatchObject([
    {
      rule: 'too-large',
      message: 'an array has more than 1000 items',
      hint: 'Shorten it: no array of a manifest can be longer.',
    },
  ]);
});

it('reads YAML whose aliases make it no larger than 100,000 values', async () => {
  const list = (name: string, item: string, count: number) =>
    `${name}: &${name} [${Array(count).fill(item).join(',')}]\n`;
  const text = (last: number) => list('a', '1', 99) + list('b', '*a', 99) + list('c', '*b', last);
  const tooLarge = async (last: number) =>
    (await validateText(text(last), yaml)).findings.filter(({ rule }) => rule === 'too-large');
  expect(await tooLarge(5)).toEqual([]);
  expect(await tooLarge(12)).toMatchObject([
    {
      message: 'the file has more than 100000 values once its aliases are replaced',
      hint: 'Write the manifest without anchors.',
    },
  ]);
});

it('names what is particular to YAML', async () => {
  const text =
    '%TAG ! tag:example.com,2026:\n---\ndisplay_information: &d {name: !!str a}\nsettings: !mine {}\nfeatures: *d\n"features": {}\n';
  const { findings } = await validateText(text, yaml);
  const messages = findings.map(({ message }) => message);
  expect(messages).toEqual(
    expect.arrayContaining([
      '%TAG ! tag:example.com,2026: is a YAML directive',
      'the value has the YAML tag !!str',
      'the value has the YAML tag tag:example.com,2026:mine',
      '*d is a YAML alias',
      'the key "features" is repeated',
    ]),
  );
});
