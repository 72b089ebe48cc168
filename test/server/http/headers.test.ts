import { expect, it } from 'vitest';
import { readHeaders } from '../../../src/server/http/headers.ts';

it('keeps every value of a header, in order, by its name in lower case', () => {
  expect({ ...readHeaders(['Host', 'a', 'X-Two', '1', 'x-two', '2', 'X-TWO', '']) }).toEqual({
    host: ['a'],
    'x-two': ['1', '2', ''],
  });
  expect({ ...readHeaders([]) }).toEqual({});
});

it('takes a name that every object has for a header like any other', () => {
  const headers = readHeaders(['__proto__', 'a', 'constructor', 'b']);
  expect(Object.keys(headers)).toEqual(['__proto__', 'constructor']);
  expect(headers['constructor']).toEqual(['b']);
  expect(readHeaders([])['toString']).toBeUndefined();
});

it('drops a name without a value', () => {
  expect({ ...readHeaders(['a', '1', 'b']) }).toEqual({ a: ['1'] });
});
