/** In milliseconds. */
export const sheddingTimes = {
  /** A request that has waited for longer until it was read is late. */
  late: 100,
  /** Requests may be late for so long, as in a burst, before any is refused. */
  grace: 500,
  /** For how long no request may have been late until there is a grace again. */
  calm: 10_000,
  /** How long a request may be expected to take, from its arrival to its response. Slack waits 3 s. */
  total: 2_000,
} as const;

/** So many requests are always handled at once: they show how fast they are. */
const fewest = 16;
/** The time in which finished requests are counted, in milliseconds. */
const window = 1_000;

/**
 * Decides which requests are refused before their bodies are read, because the process has too little CPU time for all.
 * Refusing costs a small part of handling. Without it, every request would wait longer than Slack does.
 *
 * While requests are late for longer than a burst lasts, only as many are handled at once as finish in time at the present
 * rate.
 */
export class LoadShedding {
  #lateSince: number | undefined;
  #lastLate = Number.NEGATIVE_INFINITY;
  #lastRefusal = Number.NEGATIVE_INFINITY;
  #hasGrace = true;
  #inFlight = 0;
  #windowStart = 0;
  #finished = 0;
  #finishedBefore = 0;

  /**
   * @param waited how long the request has waited until its headers were read, in milliseconds
   * @param now by a steady clock, in milliseconds
   */
  admits(waited: number, now: number): boolean {
    this.#noteWait(waited, now);
    const admits = this.#hasGrace || waited < sheddingTimes.late || this.#finishesInTime(waited, now);
    if (!admits) this.#lastRefusal = now;
    return admits;
  }

  /** Whether it has refused a request lately. */
  isShedding(now: number): boolean {
    return now - this.#lastRefusal < window;
  }

  /**
   * Whether it is too late for a connection, whatever it is for: Slack no longer waits when its request has been handled.
   *
   * @param waited how long it has waited until it was accepted, in milliseconds
   */
  isTooLate(waited: number, now: number): boolean {
    this.#noteWait(waited, now);
    const isTooLate = !this.#hasGrace && waited >= sheddingTimes.total;
    if (isTooLate) this.#lastRefusal = now;
    return isTooLate;
  }

  /** A request that was admitted has arrived as a whole: from now on it needs CPU time. */
  begun(): void {
    this.#inFlight += 1;
  }

  /** A request that has begun has its response. */
  finished(now: number): void {
    this.#inFlight -= 1;
    this.#moveWindow(now);
    this.#finished += 1;
  }

  #noteWait(waited: number, now: number): void {
    if (now - this.#lastLate >= sheddingTimes.calm) {
      this.#hasGrace = true;
      this.#lateSince = undefined;
    }
    if (waited < sheddingTimes.late) {
      this.#lateSince = undefined;
      return;
    }
    this.#lastLate = now;
    this.#lateSince ??= now;
    if (now - this.#lateSince >= sheddingTimes.grace) this.#hasGrace = false;
  }

  #finishesInTime(waited: number, now: number): boolean {
    this.#moveWindow(now);
    // The part of the last window that is not over yet counts, too.
    const ratio = 1 - (now - this.#windowStart) / window;
    const inWindow = this.#finished + this.#finishedBefore * ratio;
    const most = (inWindow * (sheddingTimes.total - waited)) / window;
    return this.#inFlight < Math.max(most, waited < sheddingTimes.total ? fewest : 0);
  }

  #moveWindow(now: number): void {
    const elapsed = now - this.#windowStart;
    if (elapsed < window) return;
    this.#finishedBefore = elapsed < 2 * window ? this.#finished : 0;
    this.#finished = 0;
    this.#windowStart = now;
  }
}
