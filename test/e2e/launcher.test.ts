import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { localSlack } from '../support/local-slack.ts';
import { need } from '../support/need.ts';
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

const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };

/** Each way to start the program as a command, which is how an installed one is started. */
const ways = [
  { name: 'as a command', way: [launcher] },
  { name: 'by bash', shell: 'bash', way: ['bash', launcher] },
  { name: 'by dash', shell: 'dash', way: ['dash', launcher] },
  { name: 'by busybox', shell: 'busybox', way: ['busybox', 'sh', launcher] },
] as const;

function start(way: readonly string[], args: readonly string[], cwd: string) {
  const [name = '', ...rest] = [...way, ...args];
  const { status, stdout, stderr } = spawnSync(name, rest, { cwd, env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe.each(ways)('the launcher, started $name', ({ way, ...more }) => {
  beforeEach(async () => {
    if ('shell' in more) await need(more.shell);
  });

  it('leaves --env-file to the program: a file that is missing is our own error', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = start(way, ['env', '--env-file', 'missing.env'], cwd);
    expect([code, stderr]).toEqual([2, expect.stringContaining('the env file missing.env cannot be read')]);
  });

  it('obeys no NODE_OPTIONS of an env file', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'slack.env'), `${dotenv}NODE_OPTIONS=--title=taken\n`);
    const { code, stdout } = start(way, ['env', '--env-file', 'slack.env', '--format', 'json'], cwd);
    expect([code, JSON.parse(stdout)]).toEqual([0, values]);
  });

  it('passes on blanks, quotes and what looks like an option of Node', async () => {
    const args = ['explain', `a "b" 'c' $HOME *`, '--check'];
    const direct = start([process.execPath, '--', launcher], args, '/');
    expect(direct.stderr).toContain('--check');
    expect(start(way, args, '/')).toEqual(direct);
  });
});

describe('an env file that is a pipe', () => {
  async function piped(command: string, content: string, more: Readonly<Record<string, string>> = {}) {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'slack.env'), content);
    const line = `'${launcher}' ${command} --env-file <(cat slack.env)`;
    await need('bash');
    const { stdout } = await promisify(execFile)('bash', ['-c', line], { cwd, env: { ...env, ...more } });
    return JSON.parse(stdout);
  }

  it('is read by env', async () => {
    expect(await piped('env --format json', dotenv)).toEqual(values);
  });

  it('has no mode and no state in git for doctor to judge', async () => {
    const { checks } = await piped('doctor --only env --format json', dotenv);
    for (const id of ['env.file-mode', 'env.file-tracked']) {
      expect(checks).toContainEqual(
        expect.objectContaining({
          id,
          status: 'skip',
          detail: expect.stringMatching(/is a pipe or a device: its content is not stored on disk$/),
        }),
      );
    }
  });

  it('is read by a command that looks into it more than once', async () => {
    const slack = await localSlack();
    const { id } = slack.workspace.addApp({ display_information: { name: 'Spacelift' } });
    const lines = {
      SLACK_CONFIG_TOKEN: slack.workspace.configToken,
      SPACELIFT_DOMAIN: 'spacelift.example.com',
      SLACK_APP_ID: id,
    };
    const content = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
    const exported = await piped('app export', content.join(''), { SLACK_API_URL: slack.url });
    expect(exported).toMatchObject({ display_information: {} });
  });
});

it('is found through a symbolic link, in a folder with a blank in its name', async () => {
  const cwd = await temporaryFolder();
  const link = join(cwd, '- a link');
  await symlink(launcher, link);
  expect(start([link], ['--version'], cwd)).toMatchObject({ code: 0, stderr: '' });
  expect(start(['sh', './- a link'], ['--version'], cwd)).toMatchObject({ code: 0, stderr: '' });
});

it('goes on to work behind node', () => {
  expect(start([process.execPath, launcher], ['--version'], '/')).toMatchObject({ code: 0, stderr: '' });
});

it.each(['SIGTERM', 'SIGINT'] as const)('is one process, which %s reaches', async (signal) => {
  const cwd = await temporaryFolder();
  const args = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--store', 'sqlite:s.db'];
  const child = spawn(launcher, ['serve', ...args], { cwd, env: { ...env, ...values } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  await expect.poll(() => output).toContain('listening');
  child.kill(signal);
  const [code] = await once(child, 'exit');
  expect(code).toBe(signal === 'SIGTERM' ? 143 : 130);
});
