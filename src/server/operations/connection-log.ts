import type { ClosedFor } from '../http/connections.ts';
import { describe, type Logger } from './log.ts';

const interval = 1_000;

/** Logs what happens to connections in one line a second, since anybody can open thousands. */
export class ConnectionLog {
  readonly #log: Logger;
  #closed: Record<ClosedFor, number> = { all: 0, peer: 0 };
  /** The peer of the latest closed connection. */
  #peer: string | undefined;
  #failures = 0;
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A connection was closed, to make room for others. */
  closed(reason: ClosedFor, peer: string): void {
    this.#closed[reason] += 1;
    this.#peer = peer;
    this.#schedule();
  }

  /** A connection could not be accepted. */
  failed(error: Error): void {
    this.#failures += 1;
    this.#failure = error;
    this.#schedule();
  }

  /** Logs what has no line yet. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { all, peer } = this.#closed;
    if (all + peer > 0) {
      this.#log.warn(
        { count: all + peer, tooManyOfPeer: peer, client: this.#peer },
        'connections closed: there were too many',
      );
    }
    if (this.#failures > 0) {
      this.#log.error({ count: this.#failures, error: describe(this.#failure) }, 'connections not accepted');
    }
    this.#closed = { all: 0, peer: 0 };
    this.#failures = 0;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.end(), interval).unref();
  }
}
