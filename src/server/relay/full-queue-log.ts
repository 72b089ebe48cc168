import type { QueueLimit } from '../../store/delivery-queue.ts';
import type { Logger } from '../operations/log.ts';

/** How long no event may have been refused until the queue counts as having room again, in milliseconds. */
const quietTime = 60_000;

/** Logs when the queue starts to refuse events, and when it has stopped: two lines, however many events come and go. */
export class FullQueueLog {
  readonly #log: Logger;
  readonly #limit: QueueLimit;
  readonly #steadyNow: () => number;
  #refused = 0;
  #lastRefusal = 0;

  /** @param steadyNow a clock that is never set, in milliseconds */
  constructor(log: Logger, limit: QueueLimit, steadyNow: () => number) {
    this.#log = log;
    this.#limit = limit;
    this.#steadyNow = steadyNow;
  }

  /** An event was refused because the queue is full. */
  refused(): void {
    this.#refused += 1;
    this.#lastRefusal = this.#steadyNow();
    if (this.#refused > 1) return;
    const { events, bytes } = this.#limit;
    this.#log.error(
      { limitEvents: events, limitBytes: bytes },
      'the queue is full: new events get 503, so that Slack keeps them; see --queue-limit',
    );
  }

  /** To be called from time to time: logs once that no events are refused any more. */
  check(): void {
    if (this.#refused === 0 || this.#steadyNow() - this.#lastRefusal < quietTime) return;
    this.#log.info({ refused: this.#refused }, 'the queue has room again');
    this.#refused = 0;
  }
}
