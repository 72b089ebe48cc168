import { expect, it } from 'vitest';
import { inSteps, stepSize } from '../../src/store/in-steps.ts';

/** Runs steps that change these numbers of rows. @returns all of them, the reports, and the numbers that are left */
async function run(numbers: number[]) {
  const reports: number[] = [];
  const all = await inSteps(
    0,
    async () => numbers.shift() ?? Number.NaN,
    (changed) => reports.push(changed),
  );
  return { all, reports, left: numbers };
}

it('repeats a step while it changes as many rows as it may', async () => {
  expect(await run([stepSize, stepSize, 3, 7])).toEqual({
    all: 2 * stepSize + 3,
    reports: [stepSize, 2 * stepSize, 2 * stepSize + 3],
    left: [7],
  });
  expect(await run([stepSize, 0, 7])).toEqual({ all: stepSize, reports: [stepSize, stepSize], left: [7] });
  expect(await run([stepSize - 1, 7])).toEqual({ all: stepSize - 1, reports: [stepSize - 1], left: [7] });
  expect(await run([0])).toEqual({ all: 0, reports: [0], left: [] });
});

it('needs nobody who follows it', async () => {
  expect(await inSteps(0, async () => 5)).toBe(5);
});
