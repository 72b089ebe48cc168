import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appScene, domain } from '../support/app-scene.ts';
import { localSlack } from '../support/local-slack.ts';
import { need } from '../support/need.ts';
import { runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The folder that the program runs in may come from someone else: it supplies values and decides nothing. */

const secrets = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
  SLACK_CONFIG_TOKEN: 'xoxe.xoxp-1-secret',
};

const check = ['doctor', '--domain', 'spacelift.example.com', '--only', 'slack', '--timeout', '5s'];
const create = ['app', 'create', '--domain', 'spacelift.example.com', '--write', 'new.env'];

describe('SLACK_API_URL', () => {
  it.each([
    ['doctor', check],
    ['app create', create],
  ])('is ignored by %s in an env file, with a warning', async (_, args) => {
    const hostile = await localSlack();
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), `SLACK_API_URL=${hostile.url}\n`);
    // Without a way to Slack the run fails; what counts is where it does not go.
    const env = { ...secrets, HTTPS_PROXY: 'http://127.0.0.1:9' };
    const { stderr } = await runProgram(args, { cwd, env });
    expect(hostile.requests).toEqual([]);
    expect(stderr).toContain(
      'warning: SLACK_API_URL in .env is ignored: set it in the process environment, or pass --slack-api-url',
    );
  });

  it.each([
    ['SLACK_API_URL', (url: string) => ({ env: { SLACK_API_URL: url }, args: [] })],
    ['--slack-api-url', (url: string) => ({ env: {}, args: ['--slack-api-url', url] })],
  ])('from %s is named before anything is sent there, also with --quiet', async (origin, give) => {
    const slack = await localSlack();
    const { env, args } = give(slack.url);
    const { stderr } = await runProgram(['--quiet', ...check, ...args], {
      cwd: await temporaryFolder(),
      env: { ...secrets, ...env },
    });
    expect(stderr).toContain(
      `warning: Slack's credentials are sent to ${slack.url} (${origin}), not to slack.com`,
    );
    expect(slack.requests.length).toBeGreaterThan(0);
  });
});

it.each([
  'evil.example/slack',
  'evil.example:5432,also.evil.example:5432/slack',
  'localhost/slack?host=evil.example',
])('does not send PGPASSWORD to a server that an env file names: %s', async (server) => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, '.env'), `DATABASE_URL=postgres://slack@${server}\n`);
  const env = { SLACK_SECRET: secrets.SLACK_SECRET, PGPASSWORD: 'secret-password' };
  const { code, stderr } = await runProgram(['serve', '--listen', '127.0.0.1:0'], { cwd, env });
  expect(code).toBe(2);
  expect(stderr).toContain('DATABASE_URL comes from .env, but PGPASSWORD from the environment');
});

it('sends no password of ~/.pgpass to a server that an env file names', async () => {
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received.push(data);
      // AuthenticationCleartextPassword, once.
      if (socket.bytesWritten > 0) socket.end();
      else socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, '.pgpass'), '*:*:*:*:secret-of-pgpass\n', { mode: 0o600 });
  await writeFile(join(cwd, '.env'), `DATABASE_URL=postgres://slack@127.0.0.1:${port}/slack\n`);
  const env = { SLACK_SECRET: secrets.SLACK_SECRET, HOME: cwd };
  const { code } = await runProgram(['serve', '--listen', '127.0.0.1:0'], { cwd, env });
  expect(code).toBe(3);
  const text = Buffer.concat(received).toString();
  expect(text).toContain('slack');
  expect(text).not.toContain('secret-of-pgpass');
});

it('opens the browser without any secret in its environment', async () => {
  // xdg-open, which finds the browser, runs it.
  await need('grep');
  const cwd = await temporaryFolder();
  const seen = join(cwd, 'seen');
  // What xdg-open runs on KDE.
  await writeFile(join(cwd, 'kde-open5'), `#!/bin/sh\nenv > '${seen}'\n`, { mode: 0o755 });
  const { code } = await runProgram(['manifest', '--domain', 'spacelift.example.com', '--open'], {
    cwd,
    env: {
      ...secrets,
      OTHER_PASSWORD: 'hush',
      DISPLAY: ':0',
      XDG_CURRENT_DESKTOP: 'KDE',
      KDE_SESSION_VERSION: '5',
      PATH: `${cwd}:${process.env['PATH']}`,
    },
  });
  expect(code).toBe(0);
  // The launcher does not wait for the browser.
  await expect.poll(() => readFile(seen, 'utf8').catch(() => '')).toMatch(/^PATH=/m);
  const environment = await readFile(seen, 'utf8');
  expect(environment).toMatch(/^DISPLAY=:0$/m);
  expect(environment).not.toMatch(/SLACK|PASSWORD|c0ffee|8f7422/);
});

describe('the configuration of a git repository', () => {
  /** A program that leaves its environment in a file. */
  async function spy(cwd: string) {
    const file = join(cwd, 'spy.sh');
    await writeFile(file, `#!/bin/sh\nenv > '${join(cwd, 'seen')}'\nexit 1\n`, { mode: 0o755 });
    return { file, seen: () => readFile(join(cwd, 'seen'), 'utf8').catch(() => undefined) };
  }

  it.each<[string, (file: string) => Readonly<Record<string, string>>]>([
    ['the file system monitor', (file) => ({ 'core.fsmonitor': file })],
    [
      'the transport that fetches what a partial clone lacks',
      (file) => ({
        'core.repositoryFormatVersion': '1',
        'extensions.partialClone': 'origin',
        'remote.origin.url': '.',
        'remote.origin.promisor': 'true',
        'remote.origin.uploadpack': file,
      }),
    ],
  ])('runs nothing: %s', async (_, settings) => {
    const cwd = await temporaryFolder();
    const program = await need('git');
    const git = (...args: string[]) => execFileSync(program, args, { cwd, stdio: 'pipe' });
    const { file, seen } = await spy(cwd);
    git('init', '--quiet');
    await writeFile(join(cwd, '.gitignore'), '.env\n');
    git('add', '.gitignore');
    // Git reads the rules from the object, which is not there.
    git('update-index', '--skip-worktree', '.gitignore');
    await rm(join(cwd, '.gitignore'));
    for (const entry of await readdir(join(cwd, '.git/objects'))) {
      if (/^[0-9a-f]{2}$/.test(entry)) await rm(join(cwd, '.git/objects', entry), { recursive: true });
    }
    for (const [name, value] of Object.entries(settings(file))) git('config', name, value);
    const { code } = await runProgram(['env', '--write'], { cwd, env: secrets });
    expect(code).toBe(0);
    expect(await seen()).toBeUndefined();
  });

  it('is asked with a git that gets no secret', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'git'), `#!/bin/sh\nenv > '${join(cwd, 'seen')}'\nexit 1\n`, { mode: 0o755 });
    const env = { ...secrets, OTHER_PASSWORD: 'hush', PATH: `${cwd}:${process.env['PATH']}` };
    await runProgram(['env', '--write'], { cwd, env });
    const seen = await readFile(join(cwd, 'seen'), 'utf8');
    expect(seen).toMatch(/^PATH=/m);
    expect(seen).not.toMatch(/SLACK|PASSWORD|c0ffee|8f7422/);
  });
});

describe('a project file', () => {
  const project = { domain: 'evil.example', webhookDomain: 'hooks.evil.example', appId: 'A0EVIL00000' };

  async function hostileFolder(content: object = project): Promise<string> {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.spacelift-slack.json'), JSON.stringify(content));
    return cwd;
  }

  it.each<[string, readonly string[], string]>([
    ['the domain', [], 'the domain evil.example'],
    ['the webhook domain', ['--domain', 'evil.example'], 'the webhook domain hooks.evil.example'],
    ['the app id', ['--domain', 'mine.example.com'], 'the app id A0EVIL00000'],
  ])('does not give %s to app update --yes', async (_, args, named) => {
    const slack = await localSlack();
    const cwd = await hostileFolder();
    const env = { ...secrets, SLACK_API_URL: slack.url };
    const { code, stderr } = await runProgram(['app', 'update', '--yes', ...args], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `.spacelift-slack.json names ${named}: with --yes, app update takes it only from`,
    );
    expect(slack.requests).toEqual([]);
  });

  it('does not switch an app to Socket Mode by itself', async () => {
    const slack = await localSlack();
    const cwd = await hostileFolder({ domain: 'mine.example.com', way: 'socket-mode' });
    const args = ['app', 'update', '--yes', '--domain', 'mine.example.com', '--app-id', 'A0123456789'];
    const env = { ...secrets, SLACK_API_URL: slack.url };
    const { code, stderr } = await runProgram(args, { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Pass --socket-mode, or the host that Slack calls with --webhook-domain <domain>.',
    );
    expect(slack.requests).toEqual([]);
  });

  it('and an env file give nothing to app update off a terminal', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), 'SPACELIFT_WEBHOOK_DOMAIN=hooks.evil.example\n');
    const args = ['app', 'update', '--domain', 'mine.example.com', '--app-id', 'A0123456789'];
    const { code, stderr } = await runProgram(args, { cwd, env: secrets });
    expect(code).toBe(2);
    expect(stderr).toContain(
      '.env names the webhook domain hooks.evil.example: without a terminal, app update',
    );
    expect(stderr).toContain('Pass --webhook-domain <domain>.');
  });

  it('does not redirect the webhooks of another domain', async () => {
    const cwd = await hostileFolder();
    const { stdout } = await runProgram(['manifest', '--domain', 'mine.example.com'], { cwd });
    expect(stdout).not.toContain('evil');
  });

  it('supplies what other commands need, and --verbose says so', async () => {
    const cwd = await hostileFolder();
    const { code, stdout, stderr } = await runProgram(['--verbose', 'manifest'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('https://hooks.evil.example/webhooks/slack');
    expect(stderr).toContain('the domain is evil.example (.spacelift-slack.json)');
  });

  it('ends a command with what is wrong with it', async () => {
    const cwd = await hostileFolder({ domain: 'a.example.com', envFile: '../.env' });
    const { code, stderr } = await runProgram(['manifest'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('.spacelift-slack.json "envFile" must name a file inside the folder');
  });
});

it('shows what the folder names before the prompt of app update', async () => {
  const scene = await appScene();
  const live = JSON.parse(JSON.stringify(await scene.manifest()).replaceAll(domain, 'old.example.com'));
  const { id } = scene.slack.workspace.addApp(live);
  const project = { domain, appId: id };
  await writeFile(join(scene.cwd, '.spacelift-slack.json'), JSON.stringify(project));
  const terminal = await scene.openTerminal(['app', 'update'], { SPACELIFT_DOMAIN: '' });
  const screen = await terminal.waitFor('to the live app');
  expect(screen).toContain(`warning: the domain ${domain} comes from .spacelift-slack.json`);
  expect(screen).toContain(`warning: the app id ${id} comes from .spacelift-slack.json`);
  expect(scene.slack.calls('apps.manifest.update')).toEqual([]);
  await terminal.press('Enter');
  await terminal.waitFor('ended with 3');
});
