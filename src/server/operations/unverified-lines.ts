import { keyedCounters } from '../http/client-counters.ts';

/** How many lines unverified requests may write in each span of time: one client's, and all together. */
const limits = { milliseconds: 10_000, ofClient: 20, ofAll: 50 };

/** The requests without a line in one span of time. */
export type OmittedLines = {
  readonly count: number;
  /** How many there were of each status. */
  readonly statuses: Readonly<Record<string, number>>;
};

/**
 * Limits the log lines that anybody can cause. A span of time begins with the first such line, so that nothing runs while
 * there are none.
 */
export class UnverifiedLines {
  readonly #onOmitted: (omitted: OmittedLines) => void;
  readonly #counterOf = keyedCounters();
  readonly #lines = new Map<number, number>();
  readonly #omitted = new Map<number, number>();
  #all = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onOmitted called at the end of each span in which there were requests without a line */
  constructor(onOmitted: (omitted: OmittedLines) => void) {
    this.#onOmitted = onOmitted;
  }

  /** Counts a request. @returns whether it may write a line */
  admits(client: string, status: number): boolean {
    this.#timer ??= setTimeout(() => this.end(), limits.milliseconds).unref();
    if (this.#all < limits.ofAll) {
      const counter = this.#counterOf(client);
      const lines = this.#lines.get(counter) ?? 0;
      if (lines < limits.ofClient) {
        this.#lines.set(counter, lines + 1);
        this.#all += 1;
        return true;
      }
    }
    this.#omitted.set(status, (this.#omitted.get(status) ?? 0) + 1);
    return false;
  }

  /** Ends the span of time. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const statuses = Object.fromEntries(this.#omitted);
    const count = [...this.#omitted.values()].reduce((sum, each) => sum + each, 0);
    this.#all = 0;
    this.#lines.clear();
    this.#omitted.clear();
    if (count > 0) this.#onOmitted({ count, statuses });
  }
}
