import { setTimeout } from 'node:timers/promises';

/** How many rows one statement changes, so that none reaches its time limit or delays an event for long. */
export const stepSize = 1000;

export interface StepsOptions {
  /** How long to wait between two steps, in milliseconds. */
  readonly pauseMs: number;
  /** Called after each step, with how many rows were changed so far. */
  readonly onProgress?: ((changed: number) => void) | undefined;
  /** Aborted if no further step is to begin. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats a step until it changes fewer than {@link stepSize} rows, or until it is to stop.
 *
 * @param step changes at most {@link stepSize} rows, and returns how many
 * @returns how many rows were changed in all
 */
export async function inSteps(
  { pauseMs, onProgress, signal }: StepsOptions,
  step: () => Promise<number>,
): Promise<number> {
  for (let all = 0; ; ) {
    if (signal?.aborted) return all;
    const changed = await step();
    all += changed;
    onProgress?.(all);
    if (changed < stepSize) return all;
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
}
