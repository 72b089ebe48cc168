import type { Writable } from 'node:stream';
import { ExitCode } from '../exit-code.ts';
import type { Host } from './host.ts';

const watched = new WeakSet<Host['stderr']>();

/** stderr, made when something is first said: a pipe there would cost each start that stays silent some milliseconds. */
export function stderrOf(host: Host): Host['stderr'] {
  const { stderr } = host;
  if (!watched.has(stderr)) {
    watched.add(stderr);
    stderr.on('error', (error) => onWriteError(error, host));
  }
  return stderr;
}

/** Errors that whoever has written hears of, and deals with. */
const answered = new WeakSet<Error>();

/** Writes a text, and waits until it has left the process; an error is for the caller alone to deal with. */
export function written(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) return resolve();
      answered.add(error);
      reject(error);
    });
  });
}

/** A reader such as `head` may close the pipe before we are done; that is its right. */
export function onWriteError(error: NodeJS.ErrnoException, host: Host): void {
  if (error.code === 'EPIPE' || answered.has(error)) return;
  host.stderr.write(
    `error: the output could not be written: ${error.message}\nhint: Check where it goes to.\n`,
  );
  host.exit(ExitCode.failed);
}
