export interface Clock {
  /** A steady clock, in milliseconds. */
  now(): number;
  /** Resolves after some milliseconds, or as soon as the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
