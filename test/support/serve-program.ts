import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { launcher } from './program.ts';

/** `serve` as a child process. */
export interface ServeProgram {
  readonly url: string;
  readonly adminUrl: string;
  /** Everything that it wrote to stderr so far. */
  log(): string;
  /** Sends a signal. @returns the exit code, or nothing where the signal itself ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the built program's `serve` on free ports, and waits until it listens; it is killed with the test. */
export async function startServeProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onEnd = onTestFinished,
): Promise<ServeProgram> {
  const listeners = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [launcher, 'serve', ...listeners, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  onEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let log = '';
  const listening = new Promise<{ readonly public: string; readonly private: string }>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const line = /^.*"msg":"listening".*$/m.exec(log)?.[0];
      if (line !== undefined) resolve(JSON.parse(line));
    });
    child.once('exit', () => reject(new Error(`serve ended before it listened: ${log}`)));
  });
  const addresses = await listening;
  return {
    url: `http://${addresses.public}`,
    adminUrl: `http://${addresses.private}`,
    log: () => log,
    async end(signal) {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}
