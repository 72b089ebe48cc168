import type { IncomingMessage } from 'node:http';

/** The largest body that is read. Slack's bodies are far smaller. */
export const maxBodyBytes = 1024 * 1024;
/** How much memory unfinished bodies may use together. Anybody can send them, and a relay's host may be small. */
const maxUnfinishedBytes = 64 * 1024 * 1024;

/** The body, or why there is none. `crowded out`: unfinished bodies used too much memory, and this was the longest. */
type BodyResult = Buffer | 'too large' | 'crowded out' | 'gone';

/** Reads request bodies of up to {@link maxBodyBytes}. If there is no room for all, the longest are given up. */
export class RequestBodies {
  readonly #unfinished = new Set<UnfinishedBody>();
  #usedBytes = 0;

  /** Calls `done` once. */
  read(request: IncomingMessage, done: (result: BodyResult) => void): void {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      done('too large');
      return;
    }
    const body = new UnfinishedBody(done);
    this.#unfinished.add(body);
    request.on('data', (chunk: Buffer) => this.#append(body, chunk));
    request.on('end', () => this.#settle(body, body.bytes));
    request.on('close', () => this.#settle(body, 'gone'));
  }

  #append(body: UnfinishedBody, chunk: Buffer): void {
    if (!this.#unfinished.has(body)) return;
    if (body.length + chunk.length > maxBodyBytes) {
      this.#settle(body, 'too large');
      return;
    }
    this.#usedBytes -= body.usedBytes;
    body.append(chunk);
    this.#usedBytes += body.usedBytes;
    while (this.#usedBytes > maxUnfinishedBytes) this.#settle(this.#longest(body), 'crowded out');
  }

  #longest(body: UnfinishedBody): UnfinishedBody {
    let longest = body;
    for (const other of this.#unfinished) if (other.length > longest.length) longest = other;
    return longest;
  }

  #settle(body: UnfinishedBody, result: BodyResult): void {
    if (!this.#unfinished.delete(body)) return;
    this.#usedBytes -= body.usedBytes;
    body.clear();
    body.done(result);
  }
}

const nothing: Buffer = Buffer.alloc(0);

/** One buffer that grows: a list of many tiny chunks would use a hundred times their size. */
class UnfinishedBody {
  readonly done: (result: BodyResult) => void;
  length = 0;
  #buffer = nothing;

  constructor(done: (result: BodyResult) => void) {
    this.done = done;
  }

  /** How much memory it uses. */
  get usedBytes(): number {
    return this.#buffer.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** @param chunk must not change afterwards: most bodies are one chunk, which is not copied */
  append(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (this.length === 0) {
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.length) this.#grow(length);
      chunk.copy(this.#buffer, this.length);
    }
    this.length = length;
  }

  /** Frees its memory: the request that refers to it may last. */
  clear(): void {
    this.#buffer = nothing;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.min(maxBodyBytes, Math.max(length, 2 * this.#buffer.length)));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
