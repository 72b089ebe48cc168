import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { main } from '../../src/main.ts';

export interface InProcessOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | undefined;
  /** Sends SIGTERM once the output contains this text. */
  readonly endAt?: string;
}

export interface InProcessOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they were written. */
  readonly output: string;
}

/** Runs the program's main function in this process, which is faster than a child process for each run. */
export async function runInProcess(
  args: readonly string[],
  { cwd, env = {}, stdin: input = '', endAt }: InProcessOptions,
): Promise<InProcessOutcome> {
  const signals = new EventEmitter();
  const written: { readonly stream: 'stdout' | 'stderr'; readonly text: string }[] = [];
  let hasEnded = false;
  const textOf = (stream?: 'stdout' | 'stderr') =>
    written
      .filter((one) => stream === undefined || one.stream === stream)
      .map(({ text }) => text)
      .join('');
  const output = (stream: 'stdout' | 'stderr') =>
    new Writable({
      decodeStrings: false,
      write: (chunk, _, done) => {
        written.push({ stream, text: String(chunk) });
        done();
        if (!hasEnded && endAt !== undefined && textOf().includes(endAt)) {
          hasEnded = true;
          signals.emit('SIGTERM');
        }
      },
    });
  const stdin = new PassThrough();
  stdin.end(input);
  const code = await main(args, {
    stdin,
    stdout: output('stdout'),
    stderr: output('stderr'),
    env,
    cwd: () => cwd,
    on: (signal, listener) => signals.on(signal, listener),
    exit: (exitCode) => {
      throw new Error(`the program called exit(${exitCode})`);
    },
  });
  return { code, stdout: textOf('stdout'), stderr: textOf('stderr'), output: textOf() };
}
