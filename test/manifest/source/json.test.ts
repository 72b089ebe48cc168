import { expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json-value.ts';
import { readJson } from '../../../src/manifest/source/json.ts';
import { maxDepth, maxItems, offsetOf } from '../../../src/manifest/source/source.ts';

/** The value of a text that is read without a problem. */
async function readValue(text: string): Promise<JsonValue> {
  const reading = await readJson(text);
  expect(reading).toMatchObject({ ok: true, problems: [] });
  return reading.ok ? reading.document.value : null;
}

it.each(['{}', '[]', '[{}]'])('reads any number of %s beside each other', async (item) => {
  const text = `[${Array(maxDepth + 1)
    .fill(item)
    .join()}]`;
  expect(await readValue(text)).toEqual(JSON.parse(text));
});

it.each([
  ['[', ']'],
  ['{"a":', '}'],
])('reads as many levels of %s as are allowed, and not one more', async (open, close) => {
  const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
  expect(await readValue(nested(maxDepth))).toEqual(JSON.parse(nested(maxDepth)));
  expect(await readJson(nested(maxDepth + 1))).toMatchObject({
    ok: false,
    problems: [{ rule: 'too-deep', offset: maxDepth * open.length }],
  });
});

it('counts no bracket or colon within a string', async () => {
  const text = JSON.stringify({ a: '{['.repeat(maxDepth), b: '\\"{:', c: '":' });
  expect(await readValue(text)).toEqual(JSON.parse(text));
});

it('reads as many items as are allowed', async () => {
  expect(await readValue(JSON.stringify(Array(maxItems).fill(0)))).toHaveLength(maxItems);
});

it('gives no object a prototype, so that no key is inherited', async () => {
  const value = await readValue('{"a":[{"b":1}]}');
  expect(value).toEqual({ a: [{ b: 1 }] });
  expect(Object.getPrototypeOf(value)).toBeNull();
  expect(JSON.stringify(value)).toBe('{"a":[{"b":1}]}');
  expect(await readValue('{"__proto__":1}')).toHaveProperty('__proto__', 1);
});

it('finds the place of each key and value', async () => {
  const text = '{"a": [1, {"b": 2}]}';
  const reading = await readJson(text);
  const whole = reading.ok ? await reading.document.locate() : undefined;
  const textAt = (pointer: string, at?: 'key') =>
    whole && text.slice(offsetOf({ pointer, ...(at && { at }) }, whole)).replace(/[\]}]+$/, '');
  expect(textAt('/a/0')).toBe('1, {"b": 2');
  expect(textAt('/a/1/b', 'key')).toBe('"b": 2');
  expect(textAt('/a/1/b')).toBe('2');
  expect(textAt('/a/1/c')).toBe('{"b": 2');
});

it('reports every text that was cut off as such, wherever it ends', async () => {
  const text = ' {"a\\n" : [true, null, {"b": -1.5e+3, "c": "x\\u00e9"}, false, [ ] ] }';
  const cut = Array.from(text.trimEnd().slice(0, -2), (_, end) => text.slice(0, end + 2));
  for (const part of cut) {
    const reading = await readJson(part);
    expect([part, reading.problems]).toEqual([
      part,
      [expect.objectContaining({ message: 'the file ends in the middle of a value', offset: part.length })],
    ]);
  }
});

it('blames a comma only where a bracket closes behind it', async () => {
  expect(await readJson('{"a": 1, b}')).toMatchObject({
    ok: false,
    problems: [{ rule: 'syntax', message: 'unexpected "b"', offset: 9 }],
  });
  expect(await readJson('{"a": 1, }')).toMatchObject({
    ok: false,
    problems: [{ rule: 'syntax', message: 'a comma precedes the closing }', offset: 7 }],
  });
});
