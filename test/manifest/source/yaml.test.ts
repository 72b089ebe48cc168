import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json-value.ts';
import { readSource } from '../../../src/manifest/source/read-source.ts';
import { offsetOf } from '../../../src/manifest/source/source.ts';

/** Reads a text as YAML, and each problem as what begins at its offset, its rule, its pointer and its message. */
async function read(text: string) {
  const { reading } = await readSource(new TextEncoder().encode(text), 'manifest.yaml');
  const problems = reading.problems.map(({ offset, rule, pointer, message }) => {
    const [first = ''] = text.slice(offset).split('\n', 1);
    return `${first.trim()}: ${`${rule} ${pointer}`.trimEnd()}, ${message}`;
  });
  return { document: reading.ok ? reading.document : undefined, problems };
}

describe('the value of YAML', () => {
  it.each<[string, JsonValue]>([
    ['a', 'a'],
    ['---\n', null],
    ['- a\n- 1', ['a', 1]],
    ['{a: [1, {b: c}]}', { a: [1, { b: 'c' }] }],
    ['a: ~\nb:\nc: null\nd: ""', { a: null, b: null, c: null, d: '' }],
    ['a: 0x1f\nb: 1e3\nc: true\nd: -0.5', { a: 31, b: 1000, c: true, d: -0.5 }],
    ['--- |\n%a\n', '%a\n'],
    ['# 100 %\n---\na', 'a'],
    ['__proto__: 1', JSON.parse('{"__proto__":1}')],
  ])('%j is %j', async (text, value) => {
    const { document, problems } = await read(text);
    expect(document?.value).toEqual(value);
    expect(problems).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ['a: .inf\nb: -.INF\nc: .nan', { a: '.inf', b: '-.INF', c: '.nan' }],
    ['a: 2026-01-01', { a: '2026-01-01' }],
    ['a: !!binary aGk=', { a: 'aGk=' }],
    ['%YAML 1.1\n---\na: 2026-01-01', { a: '2026-01-01' }],
  ])('%j, which JSON has no type for, is its text: %j', async (text, value) => {
    expect((await read(text)).document?.value).toEqual(value);
  });

  it.each<[string, JsonValue]>([
    ['1: a\ntrue: b\n~: c\n0x1f: d', { '1': 'a', true: 'b', '~': 'c', '0x1f': 'd' }],
    ['? \n: a', { '': 'a' }],
    [': a', { '': 'a' }],
    ['"a b": 1', { 'a b': 1 }],
  ])('%j has the keys as they are written: %j', async (text, value) => {
    expect((await read(text)).document?.value).toEqual(value);
  });

  it.each<[string, JsonValue]>([
    ['&k key: 1\nb: *k', { key: 1, b: 'key' }],
    ['a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['a: &x\nb: *x', { a: null, b: null }],
    ['a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
  ])('%j has what its aliases stand for: %j', async (text, value) => {
    const { document, problems } = await read(text);
    expect(document?.value).toEqual(value);
    expect(new Set(problems.map((problem) => problem.split(/[ ,]/)[1]))).toEqual(new Set(['yaml-alias']));
  });

  it.each<[string, JsonValue]>([
    ['<<: {a: 1}\nb: 2', { a: 1, b: 2 }],
    ['a: 0\n<<: {a: 1}', { a: 0 }],
    ['<<: {a: 1}\na: 0', { a: 0 }],
    ['<<: {a: 1}\n<<: {a: 2, b: 2}', { a: 1, b: 2 }],
    ['<<: [{a: 1}, {a: 2, b: 3}]', { a: 1, b: 3 }],
    ['<<: 5\na: 1', { a: 1 }],
    ['<<: [5]\na: 1', { a: 1 }],
    ['"<<": {a: 1}', { '<<': { a: 1 } }],
  ])('%j has what it merges, and its own keys first: %j', async (text, value) => {
    const { document, problems } = await read(text);
    expect(document?.value).toEqual(value);
    expect(problems).toEqual([]);
  });
});

describe('what is particular to YAML', () => {
  it.each([
    [
      'a: 1\nb: 2\na: 3\na: 4',
      'a: 3: duplicate-key /a, the key "a" is repeated',
      'a: 4: duplicate-key /a, the key "a" is repeated',
    ],
    ['a: &x [1]\nb:\n  - *x', '*x: yaml-alias /b/0, *x is a YAML alias'],
    ['a: !t 1', '1: yaml-tag /a, the value has the YAML tag !t'],
    ['a: !!str 1', '1: yaml-tag /a, the value has the YAML tag !!str'],
    ['a: !<tag:yaml.org,2002:str> 1', '1: yaml-tag /a, the value has the YAML tag !!str'],
    ['!t a: 1', 'a: 1: yaml-tag /a, the value has the YAML tag !t'],
    ['- !t [1]', '[1]: yaml-tag /0, the value has the YAML tag !t'],
    ['!t [1]', '[1]: yaml-tag, the value has the YAML tag !t'],
    ['%FOO a \r\n---\r\na: 1', '%FOO a: yaml-tag, %FOO a is a YAML directive'],
    [
      '# c\n%FOO a\n%FOO b\n---\na: 1',
      '%FOO a: yaml-tag, %FOO a is a YAML directive',
      '%FOO b: yaml-tag, %FOO b is a YAML directive',
    ],
  ])('is reported where it is: %j', async (text, ...problems) => {
    expect((await read(text)).problems).toEqual(problems);
  });

  it('has a hint of its own at a tag', async () => {
    const { reading } = await readSource(new TextEncoder().encode('a: !t 1'), 'a.yaml');
    expect(reading.problems.map(({ hint }) => hint)).toEqual([
      'Write the plain value, a string in quotes: Slack does not document YAML tags.',
    ]);
  });

  it('is reported once, however often an alias repeats it', async () => {
    expect((await read('a: &x !t 1\nb: *x\nc: *x')).problems).toEqual([
      '1: yaml-tag /a, the value has the YAML tag !t',
      '*x: yaml-alias /b, *x is a YAML alias',
      '*x: yaml-alias /c, *x is a YAML alias',
    ]);
  });
});

describe('YAML that cannot be read', () => {
  it.each([
    ['# a comment', '# a comment: syntax, the file is empty'],
    ['a: 1\n---\nb: 2', 'b: 2: syntax, a second YAML document begins here'],
    ['a: 1\n...\n---\n# nothing', ': syntax, a second YAML document begins here'],
    ['a: *b', '*b: syntax, no anchor precedes the alias *b'],
    ['a: &b\n  c: *b', '*b: syntax, the alias *b contains itself'],
    ['a: &b [*b]', '*b]: syntax, the alias *b contains itself'],
    ['? [a]\n: b', '[a]: syntax, a key is an array, an object or an alias'],
    ['a: &x b\n*x : c', '*x : c: syntax, a key is an array, an object or an alias'],
    ['a: b: c', 'b: c: syntax, invalid YAML: nested mappings are not allowed in compact mappings'],
    ['a:\n  b: 1\n c: 2', 'c: 2: syntax, invalid YAML: all mapping items must start at the same column'],
    [
      'a: b: c@host@',
      'b: c@host@: syntax, invalid YAML: nested mappings are not allowed in compact mappings',
    ],
    ['a: 1\nb: {{ name }}', '{{ name }}: syntax, the placeholder {{ name }} is not in quotes'],
    ['- %HOST%/a\n- b', '%HOST%/a: syntax, the placeholder %HOST% is not in quotes'],
    ['a:  @host@', '@host@: syntax, the placeholder @host@ is not in quotes'],
    ['{% if a %}\nb: c', '{% if a %}: syntax, the placeholder {% if a %} is not in quotes'],
    ['a: [host].example.com', '[host].example.com: syntax, the placeholder [host] is not in quotes'],
  ])('is reported where it is wrong: %j', async (text, problem) => {
    expect((await read(text)).problems).toEqual([problem]);
  });

  it.each([
    ['brackets', '['],
    ['dashes', '- '],
  ])('is too deep if the parser runs out of stack at %s', async (_name, part) => {
    const { problems } = await read(part.repeat(4_000));
    expect(problems).toMatchObject([
      expect.stringMatching(/too-deep, the file nests more than 64 levels deep$/),
    ]);
  });
});

it('knows which strings of YAML are in quotes, or a block', async () => {
  const text = 'a: "x"\nb: x\nc: |\n  x\nd: [x, "y"]\ne: &e {f: \'z\'}\ng: {<<: *e}\nh: {<<: [{i: "j"}]}\n';
  const { document } = await read(text);
  const pointers = ['/a', '/b', '/c', '/d', '/d/0', '/d/1', '/e', '/e/f', '/g/f', '/h/i', '/z', '/a/z', ''];
  expect(pointers.filter((pointer) => document?.isQuoted(pointer))).toEqual([
    '/a',
    '/c',
    '/d/1',
    '/e/f',
    '/g/f',
    '/h/i',
  ]);
});

it('finds the place of each key and value of YAML', async () => {
  const text = 'a: [1, {b: 2}]\nc: &c\n  d: 3\ne:\n  <<: *c\nf:\ng: {<<: [{h: 4}]}\n';
  const whole = await (await read(text)).document?.locate();
  const textAt = (pointer: string, at?: 'key') =>
    whole && text.slice(offsetOf({ pointer, ...(at && { at }) }, whole)).split(/[\n\]}]/, 1)[0];
  expect(textAt('/a')).toBe('[1, {b: 2');
  expect(textAt('/a', 'key')).toBe('a: [1, {b: 2');
  expect(textAt('/a/0')).toBe('1, {b: 2');
  expect(textAt('/a/1/b')).toBe('2');
  expect(textAt('/a/1/b', 'key')).toBe('b: 2');
  expect(textAt('/c/d')).toBe('3');
  expect(textAt('/e/d')).toBe('3');
  expect(textAt('/e/d', 'key')).toBe('d: 3');
  expect(textAt('/g/h')).toBe('4');
  expect(textAt('/f')).toBe('');
  expect(textAt('/a/z')).toBe('[1, {b: 2');
});
