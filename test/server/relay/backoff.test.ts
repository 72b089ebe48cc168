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
])('after try %i, with %f drawn, waits %i ms', (tries, random, milliseconds) => {
  expect(backoff(tries, random)).toBe(milliseconds);
});

it('stays between half and all of a wait that never shrinks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (tries, random) => {
        const most = backoff(tries, 1);
        const wait = backoff(tries, random);
        expect(wait).toBeLessThanOrEqual(most);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(most / 2));
        expect(backoff(tries + 1, random)).toBeGreaterThanOrEqual(wait);
      },
    ),
  );
});
