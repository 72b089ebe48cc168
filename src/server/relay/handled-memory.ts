import type { HttpResponse } from '../http/route.ts';

export interface MemoryLimits {
  /** How many requests are remembered; the oldest gives way. */
  readonly requests: number;
  /** How many bytes all remembered responses may have. One beyond that is remembered as an empty 200. */
  readonly bytes: number;
  /** How long a request is remembered, in milliseconds. */
  readonly lifetimeMs: number;
}

interface Entry {
  readonly at: number;
  /** Rejects, as the handler did, if there was no response. */
  response: Promise<HttpResponse>;
  size: number;
}

/** The responses to recent requests, within limits. */
export class HandledMemory {
  readonly #limits: MemoryLimits;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /** The response to a request that is being handled or was handled; undefined if the request is new. */
  find(key: string, now: number): Promise<HttpResponse> | undefined {
    this.#forgetExpired(now);
    return this.#entries.get(key)?.response;
  }

  /**
   * Remembers a request that is being handled. A failure and a 5xx are forgotten at once, so that the request can be
   * sent again.
   *
   * @param now a steady clock, in milliseconds
   */
  add(key: string, response: Promise<HttpResponse>, now: number): void {
    const entry: Entry = { at: now, response, size: 0 };
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limits.requests && oldest !== undefined) this.#forget(oldest);
    response.then(
      (settled) => this.#settle(key, entry, settled),
      () => this.#forget(key),
    );
  }

  #settle(key: string, entry: Entry, response: HttpResponse): void {
    if (this.#entries.get(key) !== entry) return;
    if (response.status >= 500) {
      this.#forget(key);
      return;
    }
    const size = sizeOf(response);
    if (this.#bytes + size > this.#limits.bytes) {
      entry.response = Promise.resolve({ status: 200 });
      return;
    }
    entry.response = Promise.resolve(withBodyOfItsOwn(response));
    entry.size = size;
    this.#bytes += size;
  }

  #forgetExpired(now: number): void {
    for (const [key, { at }] of this.#entries) {
      if (at > now - this.#limits.lifetimeMs) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }
}

/** Node cuts small buffers out of blocks of 8 KiB: one that is kept keeps its whole block. */
function withBodyOfItsOwn(response: HttpResponse): HttpResponse {
  if (!Buffer.isBuffer(response.body)) return response;
  const body = Buffer.allocUnsafeSlow(response.body.length);
  response.body.copy(body);
  return { ...response, body };
}

function sizeOf({ headers = {}, body = '' }: HttpResponse): number {
  const lines = Object.entries(headers).flatMap(([name, value]) => [name, ...[value].flat()]);
  return lines.reduce((size, text) => size + text.length, body.length);
}
