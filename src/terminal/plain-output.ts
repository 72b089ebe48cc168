import { writeSync } from 'node:fs';
import type { Output } from './host.ts';

/**
 * A file or a pipe, written without the stream that Node makes for it: that takes some milliseconds of each start. What
 * cannot be written at once goes to the stream, which waits where a pipe is full and reports errors.
 */
export class PlainOutput implements Output {
  readonly fd: number;
  readonly #openStream: () => Output;
  readonly #listeners: ((error: Error) => void)[] = [];
  #stream: Output | undefined;

  constructor(fd: number, openStream: () => Output) {
    this.fd = fd;
    this.#openStream = openStream;
  }

  write(text: string, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#stream) {
      this.#stream.write(text, done);
      return;
    }
    let rest = Buffer.from(text);
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.fd, rest));
    } catch {
      this.#stream = this.#openStream();
      for (const listener of this.#listeners) this.#stream.on('error', listener);
      this.#stream.write(rest, done);
      return;
    }
    done();
  }

  on(_event: 'error', listener: (error: Error) => void): void {
    if (this.#stream) this.#stream.on('error', listener);
    else this.#listeners.push(listener);
  }
}
