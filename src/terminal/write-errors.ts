import { ExitCode } from '../exit-code.ts';
import type { Host, Output } from './host.ts';

const watched = new WeakSet<Host['stderr']>();

/** stderr, opened at the first line: a pipe there costs some milliseconds, which a start without messages saves. */
export function stderrOf(host: Host): Host['stderr'] {
  const { stderr } = host;
  if (!watched.has(stderr)) {
    watched.add(stderr);
    stderr.on('error', (error) => onWriteError(error, host));
  }
  return stderr;
}

/** Errors that the caller of `written` handles. */
const handled = new WeakSet<Error>();

/** Writes a text and waits until it has left the process. The caller alone handles an error. */
export function written(stream: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) return resolve();
      handled.add(error);
      reject(error);
    });
  });
}

/** Reports an error of an output stream and exits. A reader such as `head` may close the pipe early: that is no error. */
export function onWriteError(error: NodeJS.ErrnoException, host: Host): void {
  if (error.code === 'EPIPE' || handled.has(error)) return;
  host.stderr.write(
    `error: could not write the output: ${error.message}\nhint: Check the file or the program that it goes to.\n`,
  );
  host.exit(ExitCode.failed);
}
