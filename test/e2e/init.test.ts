import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answer } from '../support/answer-question.ts';
import { type AppScene, appScene, domain } from '../support/app-scene.ts';
import type { App, Workspace } from '../support/local-slack/workspace.ts';

/** The scene's variables that would answer questions are unset, so that they are asked. */
const unset = { SPACELIFT_DOMAIN: '', SLACK_CONFIG_TOKEN: '' };

type AppCredentials = App['credentials'];

const variables = ({ client_id, client_secret, signing_secret }: AppCredentials) => ({
  SLACK_APP_CLIENT_ID: client_id,
  SLACK_APP_CLIENT_SECRET: client_secret,
  SLACK_SECRET: signing_secret,
});

const dotenv = (credentials: AppCredentials) =>
  Object.entries(variables(credentials))
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const envFile = ({ cwd }: AppScene) => readFile(join(cwd, '.env'), 'utf8');

describe('on a terminal', () => {
  it('leads from the first question to the last, with a token', async () => {
    const scene = await appScene();
    const terminal = await scene.openTerminal(['init'], unset);
    expect(await terminal.waitFor("Spacelift's domain")).not.toContain('The domain is empty');
    await terminal.press('Enter');
    await terminal.waitFor('The domain is empty');
    await terminal.type('localhost');
    await terminal.waitFor('is this machine itself');
    await terminal.press('C-u');
    await terminal.type(domain);
    await terminal.waitFor('Press Enter to continue');
    await terminal.press('Enter');
    await answer(terminal, 'Can Slack reach', '');
    await answer(terminal, 'How do you want to create the Slack app?', '');
    await answer(terminal, 'Where does Spacelift run', '');
    await answer(terminal, 'The env file for the credentials', '');
    await answer(terminal, 'The access token', 'xoxb-wrong');
    await terminal.waitFor('is a bot token');
    await terminal.press('C-u');
    await answer(terminal, 'The access token', scene.slack.workspace.configToken);
    await terminal.waitFor('Next steps');
    await answer(terminal, 'Does Spacelift run', 'y');
    await terminal.waitFor('Doctor failed. What next?');
    await terminal.press('Down');
    await terminal.press('Enter');
    await terminal.waitFor(/Likely causes(?:.*\n)*.*Doctor failed\. What next\?\n/);
    await terminal.press('Up');
    await terminal.press('Enter');
    expect(await terminal.waitFor('ended with 1')).toMatch(/Next steps:\n1\. Check that Slack can use it/);

    const [app] = scene.slack.workspace.apps.values();
    expect(app?.manifest).toEqual(await scene.manifest());
    expect(await envFile(scene)).toContain(`SLACK_SECRET=${app?.credentials.signing_secret}`);
    expect((await stat(join(scene.cwd, '.env'))).mode & 0o777).toBe(0o600);
  });

  it('takes masked credentials by link, has Slack check them, and lets a failed step be repeated', async () => {
    const scene = await appScene();
    const app = scene.slack.workspace.addApp({});
    const { client_id, client_secret, signing_secret } = app.credentials;
    const args = ['init', '--public', '--by', 'link', '--form', 'dotenv', '--write', '.env'];
    const browser = join(scene.cwd, 'browser');
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${browser}.opened'\n`, { mode: 0o755 });
    const terminal = await scene.openTerminal(args, { BROWSER: browser });
    await answer(terminal, "Where do you want to open Slack's create-app page", '');
    expect(await terminal.waitFor('? Client ID')).not.toContain('manifest_json');
    expect(await readFile(`${browser}.opened`, 'utf8')).toMatch(
      /^https:\/\/api\.slack\.com\/apps\?new_app=1&/,
    );
    await answer(terminal, 'Client ID', client_id);
    await answer(terminal, 'Client Secret', 'fee1dead'.repeat(4));
    await terminal.waitFor('Slack does not accept this client secret');
    await answer(terminal, 'Signing Secret', signing_secret);
    await terminal.waitFor('bad_client_secret');
    await answer(terminal, 'What next?', '');
    await terminal.waitFor(/Retry\n(?:.*\n)*\? Client ID/);
    await answer(terminal, 'Client ID', client_id);
    await answer(terminal, 'Client Secret', client_secret);
    await answer(terminal, 'Signing Secret', signing_secret);
    await terminal.waitFor('Slack accepts the client id');
    await answer(terminal, 'Does Spacelift run', 'n');
    expect(await terminal.waitFor('ended with 0')).toContain(`doctor --domain ${domain}`);
    expect(await envFile(scene)).toContain(client_secret);
  });

  it("writes the link to Slack's create-app page to a file for another machine", async () => {
    const scene = await appScene();
    const way = ['--webhook-domain', 'relay.example.com', '--org'];
    const args = ['init', ...way, '--by', 'link', '--form', 'dotenv', '--write', '.env'];
    const terminal = await scene.openTerminal(args);
    await answer(terminal, 'Where do you want to open', '', 'Down');
    await terminal.press('Enter');
    const screen = await terminal.waitFor('? Client ID');
    expect(screen).toContain(
      `     spacelift-slack manifest --domain ${domain} --webhook-domain relay.example.com --org`,
    );
    expect(await terminal.history()).not.toContain('manifest_json');
    const page = await readFile(join(scene.cwd, 'create-slack-app.html'), 'utf8');
    const [, link = ''] = /href="([^"]+)"/.exec(page) ?? [];
    const manifest = new URL(link.replaceAll('&amp;', '&')).searchParams.get('manifest_json');
    expect(manifest).toContain('https://relay.example.com/webhooks/slack');
  });

  it('continues where the last run ended, and repeats a step', async () => {
    const scene = await appScene();
    const first = await scene.openTerminal(['init'], unset);
    await answer(first, "Spacelift's domain", domain);
    await answer(first, 'Can Slack reach', '');
    await first.waitFor('How do you want to create the Slack app?');
    await first.press('C-c');
    await first.waitFor('ended with 130');
    expect(await readdir(scene.cwd)).toEqual(['.local']);

    const second = await scene.openTerminal(['init'], unset);
    await second.waitFor('Continue: How the app is created');
    await second.press('Down');
    await second.press('Enter');
    await answer(second, "Spacelift's domain", 'other.example.com');
    await answer(second, 'Can Slack reach https://other.example.com', '', 'Down');
    await second.press('Down');
    await second.press('Enter');
    await answer(second, "The relay's public domain", 'other.example.com');
    await second.waitFor("This is Spacelift's own domain");
    await second.press('C-u');
    await answer(second, "The relay's public domain", 'relay.example.com');
    await second.waitFor('serve --upstream https://other.example.com');
    await second.waitFor('How do you want to create the Slack app?');
    await second.press('C-c');
    await second.waitFor('ended with 130');

    const third = await scene.openTerminal(['init'], unset);
    await third.waitFor('Repeat: How Slack reaches it (relay.example.com)');
  });

  it('begins at the first prompt in a new folder, whatever the options answer', async () => {
    const scene = await appScene();
    const args = ['init', '--by', 'link', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const terminal = await scene.openTerminal(args, unset);
    expect(await terminal.waitFor('?')).toContain("? Spacelift's domain");
  });

  it('uses the credentials that the env file holds', async () => {
    const scene = await appScene();
    const app = scene.slack.workspace.addApp({});
    const file = dotenv(app.credentials);
    await writeFile(join(scene.cwd, '.env'), file, { mode: 0o600 });
    const args = ['init', '--public', '--by', 'token', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const terminal = await scene.openTerminal(args);
    await answer(terminal, '.env holds the credentials', '');
    await terminal.waitFor('ended with 0');
    expect(scene.slack.requests.map(({ method }) => method)).toEqual(['oauth.v2.access']);
    expect(await envFile(scene)).toBe(file);
  });

  it('stores no token that is pasted at the prompt for a file', async () => {
    const scene = await appScene();
    const args = ['init', '--public', '--by', 'token', '--form', 'json'];
    const terminal = await scene.openTerminal(args);
    await answer(terminal, 'The env file for the', 'xoxe-1-hush');
    await terminal.waitFor('This looks like a token');
    await terminal.press('C-c');
    await terminal.waitFor('ended with 130');
    const kept = await readdir(scene.stateFolder);
    expect(kept).not.toEqual([]);
    for (const name of kept) {
      expect(await readFile(join(scene.stateFolder, name), 'utf8')).not.toContain('hush');
    }
  });

  it('prompts for another token if the one that is set has failed', async () => {
    const scene = await appScene();
    const args = ['init', '--public', '--by', 'token', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const terminal = await scene.openTerminal(args, { SLACK_CONFIG_TOKEN: 'xoxe.xoxp-1-revoked' });
    await answer(terminal, 'What next?', '');
    await answer(terminal, 'Use the configuration token', 'n');
    await answer(terminal, 'The access token', scene.slack.workspace.configToken);
    await terminal.waitFor('ended with 0');
    expect(scene.slack.workspace.apps.size).toBe(1);
  });

  it('prompts for another app-level token if the one that is set has failed', async () => {
    const scene = await appScene();
    const way = ['--socket-mode', '--by', 'token', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const terminal = await scene.openTerminal(['init', ...way], { SLACK_APP_TOKEN: 'xapp-1-A1-1-f' });
    await answer(terminal, 'What next?', '');
    await terminal.waitFor('? App-Level Token');
    const [app] = scene.slack.workspace.apps.values();
    if (!app) throw new Error('no app was created');
    await answer(terminal, 'App-Level Token', scene.slack.workspace.addAppToken(app));
    await terminal.waitFor('ended with 0');
    expect(scene.slack.workspace.apps.size).toBe(1);
  });

  it('asks if the environment holds other credentials, and stores those if declined', async () => {
    const scene = await appScene();
    const [old, other] = [scene.slack.workspace.addApp({}), scene.slack.workspace.addApp({})];
    await writeFile(join(scene.cwd, '.env'), dotenv(old.credentials), { mode: 0o600 });
    const args = ['init', '--public', '--by', 'link', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const terminal = await scene.openTerminal(args, variables(other.credentials));
    await answer(terminal, '.env holds the credentials', '');
    await terminal.waitFor('ended with 0');
    expect(await envFile(scene)).toBe(dotenv(other.credentials));
  });
});

it.each([
  ['--write', 'no/such/folder/.env'],
  ['--out', 'no/such/folder/slack.json'],
])('asks nothing where the file of %s could not be written', async (option, file) => {
  const scene = await appScene();
  const terminal = await scene.openTerminal(['init', option, file], unset);
  const screen = await terminal.waitFor('ended with 3');
  expect(screen.replaceAll('\n', '')).toContain(`${file} cannot be written: its folder does not exist`);
  expect(screen).not.toContain('?');
});

it('asks for another file where the one that was named could not be written', async () => {
  const scene = await appScene();
  const args = ['init', '--public', '--by', 'link', '--form', 'dotenv'];
  const terminal = await scene.openTerminal(args);
  await answer(terminal, 'The env file for the credentials', 'no/such/.env');
  await terminal.waitFor('its folder does not exist');
  await terminal.waitFor('What next?');
});

it('does not wait for secrets on a terminal', async () => {
  const scene = await appScene();
  const terminal = await scene.openTerminal(['init', '--secrets-stdin']);
  expect(await terminal.waitFor('ended with 2')).toContain('--secrets-stdin: stdin is a terminal');
});

it('remembers the deployment in the folder, for the commands that follow', async () => {
  const scene = await appScene();
  const args = ['--domain', domain, '--public', '--by', 'token', '--form', 'dotenv', '--write', '.env'];
  const { code } = await scene.run(['init', '--no-input', ...args, '--no-doctor']);
  expect(code).toBe(0);
  const [app] = scene.slack.workspace.apps.values();
  const text = await readFile(join(scene.cwd, '.spacelift-slack.json'), 'utf8');
  expect(JSON.parse(text)).toEqual({ domain, appId: app?.id, envFile: '.env', way: 'public' });
  const diff = await scene.run(['app', 'diff'], { env: { SPACELIFT_DOMAIN: '' } });
  expect([diff.code, diff.stdout]).toEqual([0, expect.stringContaining(domain)]);
  const env = await scene.run(['env', '--format', 'json', '--out', 'slack.json']);
  expect(env.stderr).toContain(`doctor --domain ${domain} --app-id ${app?.id}\n`);
});

describe('without a terminal', () => {
  const complete = ['--public', '--by', 'token', '--form', 'dotenv', '--write', '.env', '--no-doctor'];

  it('runs through with every answer given, and a second time changes nothing', async () => {
    const scene = await appScene();
    const args = ['init', '--no-input', '--domain', domain, ...complete];
    const first = await scene.run(args);
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`https://${domain}/slack_oauth`),
    });
    const written = await envFile(scene);
    expect(await scene.run(args)).toMatchObject({ code: 0 });
    expect(await envFile(scene)).toBe(written);
    expect(scene.slack.workspace.apps.size).toBe(1);
  });

  it('ends with the relay if nothing can reach Spacelift, once a person has generated the app-level token', async () => {
    const scene = await appScene();
    const way = ['--socket-mode', '--by', 'token', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const args = ['init', '--no-input', '--domain', domain, ...way];
    const first = await scene.run(args);
    expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('SLACK_APP_TOKEN') });
    expect(first.stderr).toContain('App-Level Tokens > Generate');
    const [app] = scene.slack.workspace.apps.values();
    expect(app?.manifest).toMatchObject({ settings: { socket_mode_enabled: true } });
    expect(JSON.stringify(app?.manifest)).not.toContain('/webhooks/slack');
    if (!app) throw new Error('no app was made');

    const token = scene.slack.workspace.addAppToken(app);
    const second = await scene.run(args, { env: { SLACK_APP_TOKEN: token } });
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('serve --socket-mode') });
    expect(await readFile(join(scene.cwd, 'relay.env'), 'utf8')).toBe(
      `SLACK_SECRET=${app.credentials.signing_secret}\nSLACK_APP_TOKEN=${token}\n`,
    );
    expect((await stat(join(scene.cwd, 'relay.env'))).mode & 0o777).toBe(0o600);
    expect(await envFile(scene)).not.toContain('SLACK_APP_TOKEN');
    // The third run finds the token in the file of the relay.
    expect(await scene.run(args)).toMatchObject({ code: 0 });
    expect(scene.slack.workspace.apps.size).toBe(1);
  });

  it('writes another form beside the env file', async () => {
    const scene = await appScene();
    const args = ['--webhook-domain', 'relay.example.com', '--by', 'token', '--form', 'kubernetes'];
    const outcome = await scene.run([
      'init',
      ...args,
      '--write',
      '.env',
      '--out',
      'slack.yaml',
      '--no-doctor',
    ]);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('kubectl') });
    const secret = await readFile(join(scene.cwd, 'slack.yaml'), 'utf8');
    expect(secret).toContain('kind: Secret');
    expect((await stat(join(scene.cwd, 'slack.yaml'))).mode & 0o777).toBe(0o600);
    const [app] = scene.slack.workspace.apps.values();
    expect(JSON.stringify(app?.manifest)).toContain('https://relay.example.com/webhooks/slack');
    expect(JSON.stringify(app?.manifest)).toContain(`https://${domain}/slack_oauth`);
  });

  it.each([
    ['.env', './.env'],
    ['sub/../.env', 'link'],
    ['missing.env', 'sub/missing.env'],
  ])('refuses to write the form over the env file: %s and %s', async (name, out) => {
    const scene = await appScene();
    await writeFile(join(scene.cwd, '.env'), 'A=1\n');
    await symlink('.env', join(scene.cwd, 'link'));
    await symlink('.', join(scene.cwd, 'sub'));
    const args = ['--public', '--by', 'token', '--form', 'json', '--write', name, '--out', out, '--force'];
    const { code, stderr } = await scene.run(['init', '--no-doctor', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is the env file itself')]);
    expect(scene.slack.requests).toEqual([]);
    expect(await envFile(scene)).toBe('A=1\n');
  });

  it.each([
    ['the environment', undefined],
    ['standard input', '--secrets-stdin'],
  ])('does not pass over other credentials in %s than those in the file', async (_, option) => {
    const scene = await appScene();
    const [old, other] = [scene.slack.workspace.addApp({}), scene.slack.workspace.addApp({})];
    await writeFile(join(scene.cwd, '.env'), dotenv(old.credentials));
    const args = ['init', '--public', '--by', 'link', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const given = variables(other.credentials);
    const { code, stderr } = option
      ? await scene.run([...args, option], { stdin: JSON.stringify(given) })
      : await scene.run(args, { env: given });
    expect([code, stderr]).toEqual([2, expect.stringContaining('.env holds credentials that differ')]);
    expect(await envFile(scene)).toBe(dotenv(old.credentials));
    expect(await scene.run(args, { env: variables(old.credentials) })).toMatchObject({ code: 0 });
  });

  it.each([
    ['a token', { signing_secret: 'xoxb-1-hush' }, 'looks like a bot or user token'],
    [
      'one secret twice',
      { signing_secret: 'c0ffee00'.repeat(4), client_secret: 'c0ffee00'.repeat(4) },
      'the same value',
    ],
    ['dots', { client_secret: '••••••••' }, 'the dots of a hidden field'],
    [
      'a secret for the client id',
      { client_id: 'c0ffee00'.repeat(4) },
      'SLACK_APP_CLIENT_ID looks like a secret',
    ],
  ])('refuses %s in the env file as env does', async (_, change, text) => {
    const scene = await appScene();
    const { credentials } = scene.slack.workspace.addApp({});
    await writeFile(join(scene.cwd, '.env'), dotenv({ ...credentials, ...change }));
    const { code, stdout, stderr } = await scene.run(['init', ...complete]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
    for (const value of Object.values(change)) expect(stdout + stderr).not.toContain(value);
    expect(scene.slack.requests).toEqual([]);
  });

  it.each([
    ['--write', 'xoxe.xoxp-1-hush'],
    ['--out', 'xoxe-1-hush'],
    ['--write', 'c0ffee00c0ffee00c0ffee00c0ffee00'],
    ['--out', '2833563543.1341693891393'],
    ['--write', ' '],
  ])('takes for %s no %s', async (option, value) => {
    const scene = await appScene();
    const files = { '--write': '.env', '--out': 'slack.json', [option]: value };
    const args = ['--public', '--by', 'token', '--form', 'json', ...Object.entries(files).flat()];
    const { code, stdout, stderr } = await scene.run(['init', '--no-doctor', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${option}: `)]);
    if (value.trim()) expect(stdout + stderr).not.toContain(value);
    expect(await readdir(scene.cwd)).toEqual([]);
  });

  it('refuses --out beside the form dotenv, which is the env file', async () => {
    const scene = await appScene();
    const { code, stderr } = await scene.run(['init', ...complete, '--out', 'other.env']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--out requires a format other than')]);
    expect(scene.slack.requests).toEqual([]);
  });

  it('replaces no old secret in a file that is filled in part', async () => {
    const scene = await appScene();
    await writeFile(join(scene.cwd, '.env'), 'SLACK_SECRET=old\n');
    const { code, stderr } = await scene.run(['init', '--no-input', ...complete]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('another file with --write')]);
    expect(scene.slack.requests).toEqual([]);
    expect(await envFile(scene)).toBe('SLACK_SECRET=old\n');
  });

  it('says that the app which is there has another domain', async () => {
    const scene = await appScene();
    await scene.run(['init', '--domain', 'old.example.com', ...complete]);
    const { code, stderr } = await scene.run(['init', '--domain', domain, ...complete]);
    const [appId] = scene.slack.workspace.apps.keys();
    expect(code).toBe(0);
    expect(stderr).toContain(`The app ${appId} was created for old.example.com`);
    expect(stderr).toContain(`     spacelift-slack app update --domain ${domain} --app-id ${appId}\n`);
  });

  it('knows the app by the project file where the answers of the last run are gone', async () => {
    const scene = await appScene();
    await scene.run(['init', '--domain', 'old.example.com', ...complete]);
    await rm(scene.stateFolder, { recursive: true });
    const { stderr } = await scene.run(['init', '--domain', domain, ...complete]);
    const [appId] = scene.slack.workspace.apps.keys();
    expect(stderr).toContain(`     spacelift-slack app update --domain ${domain} --app-id ${appId}\n`);
    const project = await readFile(join(scene.cwd, '.spacelift-slack.json'), 'utf8');
    expect(JSON.parse(project)).toMatchObject({ domain, appId });
  });

  it('obeys options that differ from the last run, and notices missing files', async () => {
    const scene = await appScene();
    await scene.run(['init', '--domain', 'old.example.com', ...complete]);
    await rm(join(scene.cwd, '.env'));
    const outcome = await scene.run(['init', ...complete], { env: { SPACELIFT_DOMAIN: domain } });
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('Created the app') });
    const manifests = [...scene.slack.workspace.apps.values()].map(({ manifest }) =>
      JSON.stringify(manifest),
    );
    expect(manifests).toEqual([
      expect.stringContaining('https://old.example.com/slack_oauth'),
      expect.stringContaining(`https://${domain}/slack_oauth`),
    ]);
  });

  it('continues if the answers cannot be stored', async () => {
    const scene = await appScene();
    await writeFile(join(scene.cwd, '.local'), '');
    expect(await scene.run(['init', '--domain', domain, ...complete])).toMatchObject({ code: 0 });
  });

  it('warns once on a terminal if the answers cannot be stored, and continues', async () => {
    const scene = await appScene();
    await writeFile(join(scene.cwd, '.local'), '');
    const terminal = await scene.openTerminal(['init', '--domain', domain], unset);
    await answer(terminal, 'Can Slack reach', '');
    await answer(terminal, 'How do you want to create the Slack app?', '');
    const screen = await terminal.waitFor('Where does Spacelift run');
    expect(screen.match(/could not store the answers/g)).toHaveLength(1);
  });

  it('takes credentials by link from the environment', async () => {
    const scene = await appScene();
    const { client_id, client_secret, signing_secret } = scene.slack.workspace.addApp({}).credentials;
    const args = ['--public', '--by', 'link', '--form', 'dotenv', '--write', 'slack.env', '--no-doctor'];
    const { code, stdout } = await scene.run(['init', '--no-input', ...args], {
      env: {
        SLACK_APP_CLIENT_ID: client_id,
        SLACK_APP_CLIENT_SECRET: client_secret,
        SLACK_SECRET: signing_secret,
      },
    });
    // The app is there: nothing leads to another one.
    expect([code, stdout]).toEqual([0, '']);
    expect(await readFile(join(scene.cwd, 'slack.env'), 'utf8')).toContain(signing_secret);
  });

  it.each([
    ['token', ({ configToken }: Workspace) => `SLACK_CONFIG_TOKEN=${configToken}`],
    ['link', (workspace: Workspace) => JSON.stringify(workspace.addApp({}).credentials)],
  ] as const)('takes what --by %s needs from standard input', async (by, secrets) => {
    const scene = await appScene();
    const args = ['--public', '--by', by, '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const { code } = await scene.run(['init', '--secrets-stdin', ...args], {
      env: { SLACK_CONFIG_TOKEN: '' },
      stdin: secrets(scene.slack.workspace),
    });
    const [app] = scene.slack.workspace.apps.values();
    expect([code, await envFile(scene)]).toEqual([
      0,
      expect.stringContaining(`SLACK_SECRET=${app?.credentials.signing_secret}`),
    ]);
  });

  it('names options that it has where a credential is missing', async () => {
    const scene = await appScene();
    const args = ['--public', '--by', 'link', '--form', 'dotenv', '--write', '.env'];
    const { code, stdout, stderr } = await scene.run(['init', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--secrets-stdin')]);
    expect(stdout).toMatch(/^https:\/\/api\.slack\.com\/apps\?new_app=1&manifest_json=\S+\n$/);
    expect(stderr).not.toContain('--env-file');
  });

  it('ends with the exit code of doctor where that is run', async () => {
    const scene = await appScene();
    const args = complete.filter((arg) => arg !== '--no-doctor');
    const { code, stdout } = await scene.run(['init', ...args, '--doctor']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('dns.resolves')]);
  });

  it("compares the app with the domain in doctor's run, with the token and the app that it has just used", async () => {
    const scene = await appScene();
    const args = complete.filter((arg) => arg !== '--no-doctor');
    const { stdout } = await scene.run(['init', ...args, '--doctor', '--secrets-stdin', '--verbose'], {
      env: { SLACK_CONFIG_TOKEN: '' },
      stdin: `SLACK_CONFIG_REFRESH_TOKEN=${scene.slack.workspace.refreshToken}\n`,
    });
    expect(stdout).toMatch(/slack +3 passed/);
  });

  it('names everything that is missing at once, before it creates anything', async () => {
    const scene = await appScene();
    const { code, stderr } = await scene.run(['init', '--no-input', '--by', 'token', '--form', 'json'], {
      env: unset,
    });
    expect(code).toBe(2);
    for (const missing of [
      '--domain <domain>',
      '--public, --webhook-domain <domain> or --socket-mode',
      '--write <file>',
      '--out <file>',
      'SLACK_CONFIG_TOKEN or SLACK_CONFIG_REFRESH_TOKEN',
    ]) {
      expect(stderr).toContain(missing);
    }
    expect(stderr).not.toContain('--by token');
    const byLink = await scene.run(['init', '--by', 'link', '--form', 'dotenv'], { env: unset });
    expect(byLink).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('SLACK_APP_CLIENT_ID, SLACK_APP_CLIENT_SECRET, SLACK_SECRET'),
    });
    expect(scene.slack.requests).toEqual([]);
  });

  it("rejects Spacelift's own domain as the webhook domain, before it creates anything", async () => {
    const scene = await appScene();
    const way = ['--webhook-domain', domain, '--by', 'token', '--form', 'dotenv', '--write', '.env'];
    const outcome = await scene.run(['init', '--no-input', '--domain', domain, ...way]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(`the webhook domain is Spacelift's own domain, ${domain}`);
    expect(scene.slack.workspace.apps.size).toBe(0);
  });

  it('names every file that is missing if the folder has a set-up for another one', async () => {
    const scene = await appScene();
    await scene.run(['init', ...complete]);
    const { code, stderr } = await scene.run(['init', '--no-input', '--form', 'json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--write <file>; --out <file>')]);
  });

  it('refuses secrets that Slack accepts only the other way round', async () => {
    const scene = await appScene();
    const { credentials } = scene.slack.workspace.addApp({});
    const { client_secret, signing_secret } = credentials;
    const swapped = { ...credentials, client_secret: signing_secret, signing_secret: client_secret };
    const args = ['--public', '--by', 'link', '--form', 'dotenv', '--write', '.env', '--no-doctor'];
    const { code, stderr } = await scene.run(['init', ...args], { env: variables(swapped) });
    expect([code, stderr]).toEqual([2, expect.stringContaining('the other way round')]);
    expect(await readdir(scene.cwd)).not.toContain('.env');
  });

  it.each([
    ['--domain <domain>', []],
    ['--public, --webhook-domain <domain> or --socket-mode', ['--domain', domain]],
    ['--by token or --by link', ['--domain', domain, '--public']],
    ['--form <form>', ['--domain', domain, '--public', '--by', 'token']],
    ['--write <file>', ['--domain', domain, '--public', '--by', 'token', '--form', 'dotenv']],
    ['SLACK_CONFIG_TOKEN', ['--domain', domain, ...complete]],
  ])('names %s where only that is missing', async (missing, args) => {
    const { run } = await appScene();
    const { code, stderr } = await run(['init', ...args], { env: unset });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`hint: Pass ${missing}`)]);
  });
});
