import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoff } from '../../../src/server/relay/backoff.ts';

it.each([
  [1, 0, 125],
  [1, 1, 250],
  [2, 1, 500],
  [3, 1, 1_000],
  [8, 1, 10_000],
  [1_000, 1, 10_000],
  [1_000, 0, 5_000],
])('after attempt %i, with the random number %f, waits %i ms', (attempts, random, milliseconds) => {
  expect(backoff(attempts, random)).toBe(milliseconds);
});

it('waits between half and all of a time that never decreases', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, random) => {
        const most = backoff(attempts, 1);
        const wait = backoff(attempts, random);
        expect(wait).toBeLessThanOrEqual(most);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(most / 2));
        expect(backoff(attempts + 1, random)).toBeGreaterThanOrEqual(wait);
      },
    ),
  );
});
