export interface BreakerSettings {
  /** How many consecutive failures open the circuit. Late responses to one sender count as one failure. */
  readonly failures: number;
  /** How long the circuit stays open before one request is let through, in milliseconds. */
  readonly openMs: number;
  /** A steady clock, in milliseconds. */
  readonly now: () => number;
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
  #admitsFrom = Number.NEGATIVE_INFINITY;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#failures + this.#lateSenders.size >= this.#settings.failures;
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
    this.#failures = 0;
    this.#lateSenders.clear();
  }

  /** The upstream is down, as far as one request can tell. */
  failed(): void {
    this.#failures += 1;
    this.#keepOpen();
  }

  /**
   * The upstream had a request, but did not respond in time.
   *
   * @param sender who waited for the response
   */
  late(sender: string): void {
    this.#lateSenders.add(sender);
    this.#keepOpen();
  }

  #keepOpen(): void {
    if (this.isOpen) this.#admitsFrom = this.#settings.now() + this.#settings.openMs;
  }
}
