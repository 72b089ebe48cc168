import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../src/main.ts';

export interface InProcessOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the program's main function in this process, which is faster than a child process for each run. */
export async function runInProcess(
  args: readonly string[],
  { cwd, env = {} }: InProcessOptions,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const signals = new EventEmitter();
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdin.end();
  const output = Promise.all([text(stdout), text(stderr)]);
  const code = await main(args, {
    stdin,
    stdout,
    stderr,
    env,
    cwd: () => cwd,
    on: (signal, listener) => signals.on(signal, listener),
    exit: (exitCode) => {
      throw new Error(`the program called exit(${exitCode})`);
    },
  });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, stdout: out, stderr: err };
}
