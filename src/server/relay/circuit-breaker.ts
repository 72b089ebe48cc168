export interface BreakerSettings {
  /** How many consecutive failures open the circuit. */
  readonly failures: number;
  /** How long the circuit stays open before one request is let through, in milliseconds. */
  readonly openMs: number;
  /** A steady clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * A circuit breaker: after consecutive failures it opens, and rejects all requests for a while. Then it lets one request
 * through, which closes it if it succeeds.
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  #admitsFrom = Number.NEGATIVE_INFINITY;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#settings.failures;
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
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= this.#settings.failures) {
      this.#admitsFrom = this.#settings.now() + this.#settings.openMs;
    }
  }
}
