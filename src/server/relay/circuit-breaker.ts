export interface BreakerSettings {
  /** How many failures in a row open it. */
  readonly failures: number;
  /** How long it stays open before one request may try, in milliseconds. */
  readonly openMs: number;
  /** A steady clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * Spares a server that is down: after some failures in a row it lets nothing through for a while, then one request
 * alone, which closes it again where it succeeds.
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

  /** How long until a request may try, in milliseconds; 0 for at once. */
  get waitMs(): number {
    return this.isOpen ? Math.max(0, this.#admitsFrom - this.#settings.now()) : 0;
  }

  /** Asks to let a request through; of those that ask while it is open, one for each period may. */
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
