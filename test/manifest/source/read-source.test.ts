import { describe, expect, it } from 'vitest';
import { readSource } from '../../../src/manifest/source/read-source.ts';

async function read(text: string | Uint8Array, name = 'stdin') {
  const { reading } = await readSource(Buffer.from(text), name);
  return {
    reading,
    problems: reading.problems.map(({ rule, message, offset }) => `${offset} ${rule}: ${message}`),
  };
}

describe('the format of a file', () => {
  it.each([
    ['a.json', '{}', 'json'],
    ['A.JSON', '{}', 'json'],
    ['a.yaml', 'a: 1', 'yaml'],
    ['a.json.yaml', 'a: 1', 'yaml'],
    ['a.yaml', '{"a": 1}', 'json'],
    ['a.yaml', '{a: 1}', 'yaml'],
    ['a.YML', '{a: 1}', 'yaml'],
    ['stdin', '{"a": 1}', 'json'],
    ['stdin', ' \n[1]', 'json'],
    ['stdin', 'a: {}', 'yaml'],
    ['stdin', '/a', 'yaml'],
  ])('of %s with %j is %s', async (name, text, format) => {
    const { reading } = await read(text, name);
    expect(reading).toMatchObject({ ok: true, problems: [], document: { format } });
  });

  it.each([
    ['stdin', '{a: 1}', '1 syntax: unexpected "a"'],
    ['a.yamlx', '{a: 1}', '1 syntax: unexpected "a"'],
    ['yaml', '{a: 1}', '1 syntax: unexpected "a"'],
    ['a.json', 'a: 1', '0 syntax: unexpected "a"'],
    ['stdin', '// a\n{}', '0 syntax: a comment begins here'],
    ['stdin', ' /* a */ {}', '1 syntax: a comment begins here'],
  ])('of %s with %j is JSON with a mistake: %s', async (name, text, problem) => {
    expect((await read(text, name)).problems).toEqual([problem]);
  });
});

describe('the encoding of a file', () => {
  it.each<[string, Uint8Array, string]>([
    ['a NUL byte', Buffer.from('{"a": "\0"}'), '7 encoding: the file contains a NUL byte'],
    ['a byte of Latin 1', Buffer.from('{"a": "\xe4"}', 'latin1'), '7 encoding: the file is not UTF-8'],
    [
      'a second byte-order mark',
      Buffer.from('\ufeff\ufeff{}'),
      '0 syntax: this is a space that JSON does not allow, such as a no-break space',
    ],
  ])('may have %s', async (_name, bytes, problem) => {
    expect((await read(bytes)).problems.filter((line) => !line.includes('byte-order-mark'))).toEqual([
      problem,
    ]);
  });

  it('is wrong at a byte that follows a second byte-order mark, which is a character', async () => {
    const bytes = Buffer.concat([Buffer.from('\ufeff\ufeff'), Buffer.from('\xe4', 'latin1')]);
    expect((await read(bytes)).problems).toEqual(['1 encoding: the file is not UTF-8']);
  });

  it.each(['{"a": "\ufffd"}', '{"a": "\ufeff"}', '{"a": "ä"}'])('is right in %j', async (text) => {
    expect((await read(text)).problems).toEqual([]);
  });

  it.each([
    ['1', Buffer.from('\ufeff').subarray(0, 1)],
    ['2', Buffer.from('\ufeff').subarray(0, 2)],
  ])('has no byte-order mark by %s of its bytes', async (_count, bytes) => {
    expect((await read(bytes)).problems).toEqual(['0 encoding: the file is not UTF-8']);
  });
});

describe('a merge conflict', () => {
  it('is found at the start of any line', async () => {
    expect((await read('a: 1\n<<<<<<< HEAD\nb: 1\n')).problems).toEqual([
      '5 syntax: a merge conflict begins here',
    ]);
  });

  it.each(['a: <<<<<<< b\n', 'a: |\n  <<<<<<< b\n', '<<<<<< b\n', '<<<<<<<b\n'])(
    'is not %j',
    async (text) => {
      expect((await read(text)).problems).toEqual([]);
    },
  );
});

it.each([
  ['A=1', true],
  ['export A_1.b = 1', true],
  ['  A=1', true],
  ['# c\n; d\n\n  \nA=1', true],
  ['[a b]\r\nb=1', true],
  ['[a]\r; c\rb=1', true],
  ['[a]\nb: 1', false],
  ['[a] # b\nb=1', false],
  ['x [a]\nb=1', false],
  ['a: b=1', false],
  ['a\nb=1', false],
  ['exportA B=1', false],
  ['1A=1', false],
])('tells whether %j is an env file: %s', async (text, isEnvFile) => {
  const { problems } = await read(text);
  expect(problems.join().includes('this looks like an env file, not a Slack app manifest')).toBe(isEnvFile);
});
