import type { Logger } from './log.ts';

/** How long no request may have been refused until the overload counts as over, in milliseconds. */
const quietTime = 10_000;
const checkEvery = 1_000;

/** Logs when the server starts to refuse requests because of overload, and when it has stopped: two lines, however many. */
export class OverloadLog {
  readonly #log: Logger;
  readonly #steadyNow: () => number;
  #refused = 0;
  #lastRefusal = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param steadyNow a clock that is never set, in milliseconds */
  constructor(log: Logger, steadyNow: () => number) {
    this.#log = log;
    this.#steadyNow = steadyNow;
  }

  /** A request was refused. */
  refused(): void {
    this.#refused += 1;
    this.#lastRefusal = this.#steadyNow();
    if (this.#timer) return;
    this.#log.warn('overloaded: too little CPU time for all requests, some get 503 before they are read');
    this.#timer = setInterval(() => {
      if (this.#steadyNow() - this.#lastRefusal >= quietTime) this.end();
    }, checkEvery).unref();
  }

  /** Logs how many requests were refused, if any. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#refused > 0) this.#log.info({ refused: this.#refused }, 'no longer overloaded');
    this.#refused = 0;
  }
}
