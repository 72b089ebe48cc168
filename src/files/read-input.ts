import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** How a command waits for an input that may never come, such as a pipe without a writer. */
export interface InputWait {
  /** Prints a line of progress. */
  readonly note: (line: string) => void;
  /** Ends the wait; undefined if a signal ends the process itself. */
  readonly signal: AbortSignal | undefined;
}

/** A person who waits longer wonders what for. */
const noteAfterMs = 2_000;

/**
 * Reads a file that the user has named. A regular file is read at once, which is fastest. Anything else, such as a pipe,
 * may never end: it is awaited without blocking the process, and a line on stderr says so.
 *
 * @param what the file in that line
 * @param maxBytes of a larger file only slightly more is read
 * @throws the system's error; an AbortError if the signal ends the wait
 */
export async function readInput(
  path: string,
  what: string,
  wait: InputWait | undefined,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer, and no signal could end that.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = fstatSync(fd);
  if (status.isDirectory() || (status.isFile() && status.size <= maxBytes)) {
    try {
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  }
  const stream = await openStream(fd, status.isFIFO());
  if (wait?.signal) (await import('node:stream')).addAbortSignal(wait.signal, stream);
  const line = `waiting for the end of ${what}, a pipe or a device: check that a program writes to it`;
  const timer = setTimeout(() => wait?.note(line), noteAfterMs);
  try {
    return await collect(stream, maxBytes);
  } finally {
    clearTimeout(timer);
  }
}

/** A read of a pipe or a terminal through node:fs would occupy a thread, which the exit of the process waits for. */
async function openStream(fd: number, isPipe: boolean): Promise<Readable> {
  if (isPipe) {
    const { Socket } = await import('node:net');
    return new Socket({ fd, writable: false });
  }
  const { isatty, ReadStream } = await import('node:tty');
  return isatty(fd) ? new ReadStream(fd) : createReadStream('', { fd });
}

/** The content of a stream; of one that is longer than `maxBytes`, slightly more than those. */
export async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
