import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { need } from './need.ts';
import { coverageEnvironment } from './program-coverage.ts';

const run = promisify(execFile);

/** A program in a real terminal. */
export interface TerminalWindow {
  /** Types text as it is, without Enter. */
  type(text: string): Promise<void>;
  /** Presses a key, by its name in tmux: Enter, Tab, C-c, Up. */
  press(key: string): Promise<void>;
  /** Waits until the screen shows this. @returns the whole screen */
  waitFor(shown: RegExp | string): Promise<string>;
  /** The screen now, without trailing spaces. */
  screen(): Promise<string>;
  /** The screen, and everything that was scrolled off it. */
  history(): Promise<string>;
  /** The same, with each row that the terminal itself has broken in one piece. */
  unbroken(): Promise<string>;
  /** The screen with its escape sequences for colours. */
  coloured(): Promise<string>;
}

export interface TerminalWindowOptions {
  readonly cwd?: string;
  /** Columns and rows. */
  readonly size?: readonly [columns: number, rows: number];
  /** The environment besides PATH, HOME and TERM. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens a terminal that runs a command line; it closes when the test ends. */
export async function openTerminal(
  commandLine: string,
  { cwd = '/', size = [120, 40], env = {} }: TerminalWindowOptions = {},
): Promise<TerminalWindow> {
  await need('tmux');
  const socket = `spacelift-slack-${randomUUID()}`;
  const tmux = async (...args: string[]) =>
    (await run('tmux', ['-L', socket, '-f', '/dev/null', ...args])).stdout;
  const settings = Object.entries({
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    LANG: 'C.UTF-8',
    ...coverageEnvironment,
    ...env,
  });
  const assignments = settings.map(([name, value]) => `${name}=${value}`);
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => undefined);
  });
  await tmux(
    ...['new-session', '-d', '-x', String(size[0]), '-y', String(size[1])],
    ...['-c', cwd, 'env', '-i', 'TERM=screen-256color'],
    ...assignments,
    ...['sh', '-c', `${commandLine}\nsleep 600`],
  );
  const capture = async (...from: string[]) =>
    (await tmux('capture-pane', '-p', ...from)).replace(/[ \t]+$/gm, '').trimEnd();
  const screen = () => capture();
  return {
    screen,
    history: () => capture('-S', '-'),
    unbroken: () => capture('-J', '-S', '-'),
    coloured: () => tmux('capture-pane', '-p', '-e'),
    type: async (text) => {
      await tmux('send-keys', '-l', '--', text);
    },
    press: async (key) => {
      await tmux('send-keys', key);
    },
    waitFor: async (shown) => {
      const limit = Date.now() + 60_000;
      for (;;) {
        const text = await screen();
        if (typeof shown === 'string' ? text.includes(shown) : shown.test(text)) return text;
        if (Date.now() > limit) throw new Error(`the terminal does not show ${shown}, but:\n${text}`);
        await delay(50);
      }
    },
  };
}
