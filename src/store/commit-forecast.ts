/** How many items one commit has at most. It bounds a statement's parameters, and what one failure rolls back. */
const maxGroupSize = 256;
/** Smaller groups would hardly be faster: a commit takes as many round trips for one item. */
const minGroupSize = 16;

/**
 * Predicts when an item that waits for its commit will be committed, from how long recent commits took. It also sets how
 * many items a commit has: after one that failed, such as at its time limit, the next has half as many.
 *
 * All times are in milliseconds, by one steady clock.
 */
export class CommitForecast {
  #groupSize = maxGroupSize;
  /** How long a commit that succeeds takes, smoothed: the last ones count most. */
  #commitMs = 0;
  #startedAt: number | undefined;

  /** How many items the next commit has at most. */
  get groupSize(): number {
    return this.#groupSize;
  }

  /**
   * Whether an item can be committed in time. An item that nothing is ahead of is always admitted: its commit shows
   * whether the store has become faster.
   *
   * @param waiting how many items are ahead of it, without those that are being committed
   */
  admits(waiting: number, now: number, deadline: number): boolean {
    if (waiting === 0 && this.#startedAt === undefined) return true;
    const running = this.#startedAt === undefined ? 0 : now - this.#startedAt;
    // A commit that takes longer than expected shows that the next ones will too.
    const commitMs = Math.max(this.#commitMs, running);
    const current = this.#startedAt === undefined ? 0 : commitMs - running;
    const groups = Math.floor(waiting / this.#groupSize) + 1;
    return now + current + groups * commitMs <= deadline;
  }

  started(now: number): void {
    this.#startedAt = now;
  }

  /** @param size how many items the commit had */
  ended(now: number, size: number, succeeded: boolean): void {
    const took = now - (this.#startedAt ?? now);
    this.#startedAt = undefined;
    if (!succeeded) {
      // It ended at a time limit, or because of an obstacle that may be gone: how long it took says nothing of the next.
      this.#groupSize = Math.max(minGroupSize, Math.min(this.#groupSize, Math.floor(size / 2)));
      return;
    }
    this.#commitMs = this.#commitMs === 0 ? took : (this.#commitMs + took) / 2;
    if (size >= this.#groupSize) this.#groupSize = Math.min(maxGroupSize, this.#groupSize * 2);
  }
}
