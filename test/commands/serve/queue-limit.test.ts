import { expect, it } from 'vitest';
import { parseQueueLimit, usualQueueLimit } from '../../../src/commands/serve/queue-limit.ts';

const { events, bytes } = usualQueueLimit;

it.each([
  ['1000000,2GiB', { events: 1_000_000, bytes: 2 * 2 ** 30 }],
  ['20,64KiB', { events: 20, bytes: 65_536 }],
  ['1000', { events: 1000, bytes }],
  ['1TiB', { events, bytes: 2 ** 40 }],
])('--queue-limit %s limits the count and the size of the queue', (text, limit) => {
  expect(parseQueueLimit(text)).toEqual(limit);
});

it.each([
  '',
  ',',
  '0',
  '0,1GiB',
  '1000,',
  ',1GiB',
  '1GiB,1000',
  '1000,2GB',
  '1000,2000',
  '1e3',
  '-1',
  '1,1GiB,1',
])('--queue-limit %j is an error that says what to pass', (text) => {
  expect(() => parseQueueLimit(text)).toThrow('such as 1000000,2GiB');
});
