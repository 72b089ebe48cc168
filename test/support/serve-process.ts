import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { launcher } from './program.ts';
import { coverageEnvironment } from './program-coverage.ts';
import { signingSecret } from './serve.ts';

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServeProcess {
  readonly pid: number;
  readonly url: string;
  readonly adminUrl: string;
  /** What it printed last, for each time that it ended by itself. */
  readonly crashes: readonly string[];
  /** Everything that it has printed so far, on both streams. */
  output(): string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  /** Starts it again after its end, on the same ports. */
  restart(): Promise<void>;
}

/**
 * The built program as a child process that serves on free ports; it is killed when the test ends. In Socket Mode it has
 * no public listener.
 *
 * @param within a command that replaces itself with the one that follows it, such as `prlimit --nofile=256`
 */
export async function startServe(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  within: readonly string[] = [],
): Promise<ServeProcess> {
  const crashes: string[] = [];
  let output = '';
  let addresses = { open: '127.0.0.1:0', admin: '127.0.0.1:0' };
  let child: ChildProcess | undefined;
  let ended: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  let isToEnd = false;

  async function start(): Promise<void> {
    const { open, admin } = addresses;
    const listen = args.includes('--socket-mode') ? [] : ['--listen', open];
    const [program = process.execPath, ...rest] = [...within, process.execPath];
    const started = spawn(
      program,
      [...rest, launcher, 'serve', ...listen, '--admin-listen', admin, ...args],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: '/nonexistent',
          SLACK_SECRET: signingSecret,
          ...coverageEnvironment,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    child = started;
    isToEnd = false;
    ended = new Promise((resolve) => started.on('close', (code, signal) => resolve({ code, signal })));
    const before = output.length;
    addresses = await new Promise((resolve, reject) => {
      const read = (text: string) => {
        output += text;
        // In both log formats, the public and the private address are on one line.
        const [, newOpen = open, newAdmin] =
          /(?:public[=":]+([\d.:]+).*)?private[=":]+([\d.:]+)/.exec(output.slice(before)) ?? [];
        if (newAdmin !== undefined) resolve({ open: newOpen, admin: newAdmin });
      };
      started.stdout.setEncoding('utf8').on('data', read);
      started.stderr.setEncoding('utf8').on('data', read);
      ended.then(({ code }) => {
        const last = `serve ended with ${code}:\n${output.slice(before).slice(-4000)}`;
        if (!isToEnd) crashes.push(last);
        reject(new Error(last));
      });
    });
  }

  function end(signal: NodeJS.Signals): Promise<Exit> {
    isToEnd = true;
    child?.kill(signal);
    return ended;
  }

  onTestFinished(async () => {
    await end('SIGKILL');
  });
  await start();
  return {
    get pid() {
      return child?.pid ?? 0;
    },
    get url() {
      return `http://${addresses.open}`;
    },
    get adminUrl() {
      return `http://${addresses.admin}`;
    },
    crashes,
    output: () => output,
    end,
    restart: start,
  };
}
