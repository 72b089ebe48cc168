import { setTimeout } from 'node:timers/promises';

export interface Clock {
  /** A steady clock, in milliseconds. */
  now(): number;
  /** Resolves after some milliseconds, or as soon as the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, { signal });
    } catch {
      // The signal has aborted, and the wait is over.
    }
  },
};
