import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { constants as system } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { launcher } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const values = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};
const dotenv = Object.entries(values)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('');

/** Starts the program in a folder with a named pipe `pipe`. */
async function start(args: readonly string[], { writer = false } = {}) {
  const cwd = await temporaryFolder();
  const pipe = join(cwd, 'pipe');
  execFileSync('mkfifo', [pipe]);
  if (writer) {
    // For reading too, since without a reader the pipe could not be opened.
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(fd));
  }
  const env = { PATH: process.env['PATH'], HOME: cwd, SLACK_SECRET: values.SLACK_SECRET };
  const child = spawn(launcher, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const ended = once(child, 'close').then(
    ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal,
  );
  await expect.poll(() => output.stderr, { timeout: 15_000 }).toMatch(/^waiting for the end of .*pipe/m);
  return { child, pipe, output, ended };
}

it.each([
  ['the env file of env', 'SIGINT', ['env', '--env-file', 'pipe']],
  ['the env file of doctor', 'SIGINT', ['doctor', '--offline', '--env-file', 'pipe']],
  [
    'the certificates of doctor',
    'SIGTERM',
    ['doctor', '--offline', '--domain', 'example.com', '--ca', 'pipe'],
  ],
  [
    'the certificates of PostgreSQL',
    'SIGTERM',
    [
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--admin-listen',
      '127.0.0.1:0',
      '--store',
      'postgres://u@127.0.0.1/d?sslrootcert=pipe',
    ],
  ],
  ['a manifest', 'SIGTERM', ['manifest', 'validate', 'pipe']],
  ['the data of trigger', 'SIGINT', ['trigger', 'event', '--url', 'http://127.0.0.1:9/', '--data', 'pipe']],
] as const)('ends while it waits for %s, a pipe without a writer, at %s', async (_, signal, args) => {
  const { child, output, ended } = await start(args);
  child.kill(signal);
  // A command that handles no signals is ended by the signal itself, which a shell shows as the same code.
  expect([signal, 128 + system.signals[signal]]).toContain(await ended);
  expect(output.stderr.trim().split('\n').at(-1)).toMatch(/^waiting /);
});

it('ends at SIGTERM while the writer of a pipe writes nothing', async () => {
  const { child, ended } = await start(['doctor', '--offline', '--env-file', 'pipe'], { writer: true });
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
});

it('waits for the writer of a pipe, and reads what it writes', async () => {
  const { pipe, output, ended } = await start(['env', '--env-file', 'pipe', '--format', 'json']);
  // With O_NONBLOCK, a program that has given up is an error, and no endless wait.
  const fd = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  writeFileSync(fd, dotenv);
  closeSync(fd);
  expect(await ended).toBe(0);
  expect(JSON.parse(output.stdout)).toEqual(values);
});
