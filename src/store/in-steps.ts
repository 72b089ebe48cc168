import { setTimeout } from 'node:timers/promises';

/** How many rows one statement changes, so that none reaches its time limit or delays an event for long. */
export const stepSize = 1000;

/**
 * Repeats a step until it changes fewer than {@link stepSize} rows.
 *
 * @param pauseMs how long to wait between two steps
 * @param step changes at most {@link stepSize} rows, and returns how many
 * @param onProgress called after each step, with how many rows were changed so far
 * @returns how many rows were changed in all
 */
export async function inSteps(
  pauseMs: number,
  step: () => Promise<number>,
  onProgress?: (changed: number) => void,
): Promise<number> {
  for (let all = 0; ; ) {
    const changed = await step();
    all += changed;
    onProgress?.(all);
    if (changed < stepSize) return all;
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
}
