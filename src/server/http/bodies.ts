import type { IncomingMessage } from 'node:http';

/** The largest body that is read. What Slack sends stays far below. */
export const maxBodyBytes = 1024 * 1024;
/** What bodies that are still arriving may take together. Anybody can send them, and a relay's host may be small. */
const maxUnfinishedBytes = 64 * 1024 * 1024;

/** A body as a whole, or what stood in its way: `crowded out` is one that gave way to others. */
type BodyResult = Buffer | 'too large' | 'crowded out' | 'gone';

/** Reads the bodies of requests, each up to {@link maxBodyBytes}. Where there is no room for all, the longest give way. */
export class RequestBodies {
  readonly #unfinished = new Set<UnfinishedBody>();
  #taken = 0;

  /** Calls back once. */
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
    this.#taken -= body.taken;
    body.append(chunk);
    this.#taken += body.taken;
    while (this.#taken > maxUnfinishedBytes) this.#settle(this.#longest(body), 'crowded out');
  }

  #longest(body: UnfinishedBody): UnfinishedBody {
    let longest = body;
    for (const other of this.#unfinished) if (other.length > longest.length) longest = other;
    return longest;
  }

  #settle(body: UnfinishedBody, result: BodyResult): void {
    if (!this.#unfinished.delete(body)) return;
    this.#taken -= body.taken;
    body.clear();
    body.done(result);
  }
}

const nothing: Buffer = Buffer.alloc(0);

/** One buffer that grows: of many tiny chunks, a list would take a hundred times their size. */
class UnfinishedBody {
  readonly done: (result: BodyResult) => void;
  length = 0;
  #buffer = nothing;

  constructor(done: (result: BodyResult) => void) {
    this.done = done;
  }

  /** In bytes of memory. */
  get taken(): number {
    return this.#buffer.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** @param chunk not changed afterwards: most bodies are one chunk, which is not copied */
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

  /** Lets go of its memory: the request that it hangs on may last. */
  clear(): void {
    this.#buffer = nothing;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.min(maxBodyBytes, Math.max(length, 2 * this.#buffer.length)));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
