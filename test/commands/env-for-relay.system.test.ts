import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runInProcess } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const signingSecret = '8f742231b10e8888abcd99c0ffee85a5';
const token = 'xapp-1-A0123456789-1234567890123-0123456789abcdef';
const env = { SLACK_SECRET: signingSecret, SLACK_APP_TOKEN: token };
const content = `SLACK_SECRET=${signingSecret}\nSLACK_APP_TOKEN=${token}\n`;

it('writes the two variables of a relay into a file that its owner alone may read', async () => {
  const cwd = await temporaryFolder();
  const { code, stdout, stderr } = await runInProcess(['env', '--for', 'relay', '--out', 'relay.env'], {
    env,
    cwd,
  });
  expect(code).toBe(0);
  expect(await readFile(join(cwd, 'relay.env'), 'utf8')).toBe(content);
  expect((await stat(join(cwd, 'relay.env'))).mode & 0o777).toBe(0o600);
  expect(stderr).toContain('serve --socket-mode');
  expect(stdout + stderr).not.toContain(token);
});

it('prints them to a pipe, and needs nothing of Spacelift', async () => {
  const { stdout } = await runInProcess(['env', '--for', 'relay'], { env, cwd: await temporaryFolder() });
  expect(stdout).toBe(content);
});

it('leaves the token out of what Spacelift reads', async () => {
  const credentials = {
    SLACK_APP_CLIENT_ID: '12345.67890',
    SLACK_APP_CLIENT_SECRET: '4f0c6e2a9b1d8357e6a0c4d2f9b81e73',
  };
  const { stdout } = await runInProcess(['env'], {
    env: { ...env, ...credentials },
    cwd: await temporaryFolder(),
  });
  expect(stdout).toContain(`SLACK_SECRET=${signingSecret}`);
  expect(stdout).not.toContain('SLACK_APP_TOKEN');
});

it.each([
  [{ ...env, SLACK_APP_TOKEN: 'xoxb-hush' }, 'holds a bot token'],
  [{ ...env, SLACK_APP_TOKEN: '' }, 'SLACK_APP_TOKEN is not set'],
  [{ ...env, SLACK_SECRET: '' }, 'SLACK_SECRET is not set'],
  [{ ...env, SLACK_APP_ID: 'A9999999999' }, 'not of A9999999999'],
])('refuses what is mistaken or missing', async (variables, problem) => {
  const { code, stdout, stderr } = await runInProcess(['env', '--for', 'relay'], {
    env: variables,
    cwd: await temporaryFolder(),
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain('hush');
});

it.each([['--write'], ['--check', '.env'], ['--format', 'kubernetes'], ['--placeholders']])(
  'does not go with %s',
  async (...args) => {
    const { code, stderr } = await runInProcess(['env', '--for', 'relay', ...args], {
      env,
      cwd: await temporaryFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('--for spacelift');
  },
);
