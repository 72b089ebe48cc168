import type { Clock } from './clock.ts';

export interface BackoffRange {
  /** The longest first wait, in milliseconds. Each one after it is up to twice as long. */
  readonly first: number;
  readonly longest: number;
}

/**
 * How long to wait after some failures in a row, in milliseconds. Spread, so that what failed together does not come
 * back together.
 *
 * @param failures at least 1
 * @param random from 0 up to 1
 */
export function waitAfter(failures: number, { first, longest }: BackoffRange, random: number): number {
  const wait = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  return Math.round(wait * (0.5 + random / 2));
}

/**
 * Admits every attempt until one fails. After that, it admits one attempt per wait for all callers, until one succeeds.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #wait = 0;
  #admitsFrom = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Resolves when an attempt may be made, or when the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#clock.now();
      if (now >= this.#admitsFrom) {
        if (this.#failures > 0) this.#admitsFrom = now + this.#wait;
        return;
      }
      await this.#clock.sleep(this.#admitsFrom - now, signal);
    }
  }

  /**
   * @param atLeastMs a wait that the other side has asked for
   * @returns how long until the next attempt, in milliseconds
   */
  failed(range: BackoffRange, atLeastMs = 0): number {
    this.#failures += 1;
    this.#wait = Math.max(atLeastMs, waitAfter(this.#failures, range, this.#random()));
    this.#admitsFrom = this.#clock.now() + this.#wait;
    return this.#wait;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#admitsFrom = Number.NEGATIVE_INFINITY;
  }
}
