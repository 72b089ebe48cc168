import { expect, it } from 'vitest';
import { inSteps, stepSize } from '../../src/store/in-steps.ts';

/** Runs steps that change these numbers of rows. @returns all of them, the reports, and the numbers that are left */
async function run(numbers: number[]) {
  const reports: number[] = [];
  const onProgress = (changed: number) => reports.push(changed);
  const all = await inSteps({ pauseMs: 0, onProgress }, async () => numbers.shift() ?? Number.NaN);
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

it('needs no function that shows progress', async () => {
  expect(await inSteps({ pauseMs: 0 }, async () => 5)).toBe(5);
});

it.each([
  [1, ['step', 'other work', 'step']],
  [0, ['step', 'step', 'other work']],
])('lets other work go first between two steps if the pause is %d ms long', async (pauseMs, expected) => {
  const seen: string[] = [];
  let left = stepSize;
  const step = async () => {
    seen.push('step');
    const changed = left;
    if (changed > 0) setImmediate(() => seen.push('other work'));
    left = 0;
    return changed;
  };
  await inSteps({ pauseMs }, step);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(expected);
});

it('begins no further step when it is to stop', async () => {
  const stopping = new AbortController();
  const steps = [stepSize, stepSize, stepSize];
  const onProgress = (changed: number) => {
    if (changed === 2 * stepSize) stopping.abort();
  };
  const options = { pauseMs: 0, onProgress, signal: stopping.signal };
  expect(await inSteps(options, async () => steps.shift() ?? 0)).toBe(2 * stepSize);
  expect(steps).toEqual([stepSize]);
  expect(await inSteps(options, async () => 1)).toBe(0);
});
