import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { launcher } from './program.ts';
import { signingSecret } from './serve.ts';

export interface ServeProcess {
  readonly pid: number;
  readonly url: string;
  readonly adminUrl: string;
  /** Everything that it has said so far, on both streams. */
  output(): string;
  /** Sends a signal and waits for the end. */
  end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/**
 * The built program as a child process that serves on free ports; it is killed when the test ends. With
 * `--socket-mode` it has no public listener.
 */
export async function startServe(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const isPublic = !args.includes('--socket-mode');
  const free = [...(isPublic ? ['--listen', '127.0.0.1:0'] : []), '--admin-listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [launcher, 'serve', ...free, ...args], {
    env: { PATH: process.env['PATH'], SLACK_SECRET: signingSecret, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let output = '';
  const listening = new Promise<{ readonly open: string; readonly admin: string }>((resolve, reject) => {
    const take = (text: string) => {
      output += text;
      // As JSON or for a person: public and private address stand on one line.
      const [, open = '', admin] = /(?:public[=":]+([\d.:]+).*)?private[=":]+([\d.:]+)/.exec(output) ?? [];
      if (admin !== undefined && (open !== '' || !isPublic)) resolve({ open, admin });
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    ended.then(() => reject(new Error(`serve ended before it listened:\n${output}`)));
  });
  const addresses = await listening;
  return {
    pid: child.pid ?? 0,
    url: `http://${addresses.open}`,
    adminUrl: `http://${addresses.admin}`,
    output: () => output,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
