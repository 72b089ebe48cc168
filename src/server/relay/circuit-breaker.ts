export interface BreakerSettings {
  /** How many consecutive failures open the circuit. Late responses to one sender count as one failure. */
  readonly failures: number;
  /** How long the circuit stays open before one request is let through, in milliseconds. */
  readonly openMs: number;
  /** A steady clock, in milliseconds. */
  readonly now: () => number;
  readonly onOpened: (opened: CircuitOpened) => void;
  readonly onClosed: (closed: CircuitClosed) => void;
}

interface CircuitOpened {
  /** How many consecutive failures opened it. */
  readonly failures: number;
  /** Of the last failure. */
  readonly reason: string;
}

interface CircuitClosed {
  /** How many consecutive failures there were, those before it opened included. */
  readonly failures: number;
  /** How long it was open, in milliseconds. */
  readonly openMs: number;
}

/**
 * A circuit breaker: after consecutive failures it opens, and rejects all requests for a while. Then it lets one request
 * through, which closes it if it succeeds. One person's slow commands do not open it for all others.
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  /** The senders whose responses were late since the last success. */
  readonly #lateSenders = new Set<string>();
  #openSince: number | undefined;
  #admitsFrom = Number.NEGATIVE_INFINITY;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#openSince !== undefined;
  }

  /** How long the circuit has been open, in milliseconds; undefined if it is closed. */
  get openMs(): number | undefined {
    return this.#openSince === undefined ? undefined : this.#settings.now() - this.#openSince;
  }

  /** How long until a request is let through, in milliseconds; 0 for at once. */
  get waitMs(): number {
    return this.isOpen ? Math.max(0, this.#admitsFrom - this.#settings.now()) : 0;
  }

  /** Whether a request may go through. While the circuit is open, one request per period may. */
  admit(): boolean {
    if (!this.isOpen) return true;
    if (this.waitMs > 0) return false;
    this.#admitsFrom = this.#settings.now() + this.#settings.openMs;
    return true;
  }

  succeeded(): void {
    const { openMs } = this;
    const failures = this.#consecutive;
    this.#failures = 0;
    this.#lateSenders.clear();
    this.#openSince = undefined;
    if (openMs !== undefined) this.#settings.onClosed({ failures, openMs });
  }

  /** The upstream is down, as far as one request can tell. */
  failed(reason: string): void {
    this.#failures += 1;
    this.#openIfDown(reason);
  }

  /**
   * The upstream had a request, but did not respond in time.
   *
   * @param sender who waited for the response
   */
  late(sender: string, reason: string): void {
    this.#lateSenders.add(sender);
    this.#openIfDown(reason);
  }

  get #consecutive(): number {
    return this.#failures + this.#lateSenders.size;
  }

  #openIfDown(reason: string): void {
    const failures = this.#consecutive;
    if (failures < this.#settings.failures) return;
    const now = this.#settings.now();
    const { isOpen } = this;
    this.#openSince ??= now;
    this.#admitsFrom = now + this.#settings.openMs;
    if (!isOpen) this.#settings.onOpened({ failures, reason });
  }
}
