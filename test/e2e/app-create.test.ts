import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { event } from '../store/store-suite.ts';
import { type AppScene, appScene, domain, interruptedAt } from '../support/app-scene.ts';
import type { LocalSlack, Step } from '../support/local-slack.ts';
import { need } from '../support/need.ts';

function onlyApp(slack: LocalSlack) {
  const [app, ...others] = slack.workspace.apps.values();
  if (!app || others.length > 0) throw new Error(`there are ${slack.workspace.apps.size} apps`);
  return app;
}

it('validates the manifest, creates the app, stores its credentials and prints the next steps', async () => {
  const { slack, cwd, run } = await appScene();
  const { code, stdout, stderr } = await run(['app', 'create', '--domain', domain, '--write']);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`https://${domain}/webhooks/slack`)]);
  expect(slack.requests.map(({ method }) => method)).toEqual([
    'apps.manifest.validate',
    'apps.manifest.create',
  ]);
  const { id, credentials } = onlyApp(slack);
  expect(await readFile(join(cwd, '.env'), 'utf8')).toBe(
    `SLACK_APP_CLIENT_ID=${credentials.client_id}\nSLACK_APP_CLIENT_SECRET=${credentials.client_secret}\nSLACK_SECRET=${credentials.signing_secret}\n`,
  );
  expect((await stat(join(cwd, '.env'))).mode & 0o777).toBe(0o600);
  expect(stdout).toContain(`https://api.slack.com/apps/${id}`);
  expect(stdout).toContain(`https://slack.com/oauth/v2/authorize?client_id=${credentials.client_id}`);
  expect(stderr).toContain(`     spacelift-slack doctor --domain ${domain} --app-id ${id}\n`);
  expect(stderr).toContain(`https://api.slack.com/apps/${id}/event-subscriptions\n`);
});

it('has doctor test the new app, whatever the env file and the shell hold', async () => {
  const { slack, run } = await appScene();
  const env = { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' };
  const { stderr } = await run(['app', 'create', '--write', 'slack.env'], { env });
  expect(stderr).toContain(`     unset SLACK_SECRET\n`);
  expect(stderr).toContain(`--app-id ${onlyApp(slack).id} --env-file slack.env\n`);
});

it('sends the same manifest that `manifest` renders', async () => {
  const { slack, run, manifest } = await appScene();
  await run(['app', 'create', '--write']);
  expect(slack.requests.length).toBeGreaterThan(0);
  for (const { form } of slack.requests) expect(JSON.parse(form['manifest'] ?? '')).toEqual(await manifest());
});

describe('in an Enterprise organisation', () => {
  it('warns that Slack sends no events to the app without org_deploy_enabled', async () => {
    const { slack, run } = await appScene();
    slack.workspace.team.id = 'E0LOCALORG';
    const { code, stderr } = await run(['app', 'create', '--write']);
    const { id } = onlyApp(slack);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the app belongs to the Enterprise organisation E0LOCALORG/m);
    expect(stderr).toContain(`spacelift-slack app update --org --app-id ${id}`);
  });

  it('sets org_deploy_enabled with --org, and app diff, app update and doctor leave it set', async () => {
    const { slack, run } = await appScene();
    slack.workspace.team.id = 'E0LOCALORG';
    const { stderr } = await run(['app', 'create', '--write', '--org']);
    const { id, manifest } = onlyApp(slack);
    expect(stderr).not.toContain('Enterprise organisation');
    expect(manifest).toMatchObject({ settings: { org_deploy_enabled: true } });
    expect((await run(['app', 'diff', '--app-id', id])).code).toBe(0);
    expect((await run(['app', 'update', '--app-id', id, '--yes'])).stdout).toContain('nothing was changed');
    const doctor = await run(['doctor', '--only', 'slack.app-drift', '--app-id', id, '--format', 'json']);
    const { checks } = JSON.parse(doctor.stdout);
    expect(checks).toContainEqual(expect.objectContaining({ id: 'slack.app-drift', status: 'pass' }));
  });

  it('adds org_deploy_enabled to an app that lacks it with app update --org', async () => {
    const { slack, run } = await appScene();
    await run(['app', 'create', '--write']);
    const { id } = onlyApp(slack);
    expect((await run(['app', 'update', '--app-id', id, '--org', '--yes'])).code).toBe(0);
    expect(onlyApp(slack).manifest).toMatchObject({ settings: { org_deploy_enabled: true } });
  });
});

it('reports in JSON', async () => {
  const { slack, run } = await appScene();
  const { stdout } = await run(['app', 'create', '--write', 'slack.env', '--format', 'json']);
  const { id } = onlyApp(slack);
  expect(JSON.parse(stdout)).toEqual({
    appId: id,
    settingsUrl: `https://api.slack.com/apps/${id}`,
    installUrl: expect.stringContaining('/oauth/v2/authorize'),
    credentialsFile: 'slack.env',
  });
});

it('prints the credentials only with --reveal', async () => {
  const { slack, run } = await appScene();
  const { stdout } = await run(['app', 'create', '--reveal', '--format', 'json']);
  const { client_id, client_secret, signing_secret } = onlyApp(slack).credentials;
  expect(JSON.parse(stdout).credentials).toEqual({
    clientId: client_id,
    clientSecret: client_secret,
    signingSecret: signing_secret,
  });
});

it('leaves the rest of the env file unchanged', async () => {
  const { cwd, run } = await appScene();
  await writeFile(join(cwd, '.env'), '# mine\nOTHER=1\n');
  expect((await run(['app', 'create', '--write'])).code).toBe(0);
  expect(await readFile(join(cwd, '.env'), 'utf8')).toMatch(/^# mine\nOTHER=1\nSLACK_APP_CLIENT_ID=/);
});

it.each<[string, string[], Record<string, string>, string]>([
  ['no place for the credentials', [], {}, 'Pass --write [FILE]'],
  ['a folder that is missing', ['--write', 'no/such/.env'], {}, 'no app was created'],
  ['a bad domain', ['--domain', 'localhost', '--write'], {}, 'localhost'],
  ['no token', ['--write'], { SLACK_CONFIG_TOKEN: '' }, 'SLACK_CONFIG_REFRESH_TOKEN'],
  ['a bot token', ['--write'], { SLACK_CONFIG_TOKEN: 'xoxb-1' }, 'is a bot token'],
  ['a Slack in the clear', ['--write'], { SLACK_API_URL: 'http://slack.com' }, 'https://slack.com'],
])('does nothing with %s', async (_, args, env, text) => {
  const { slack, cwd, run } = await appScene();
  const { code, stderr, stdout } = await run(['app', 'create', ...args], { env });
  expect([2, 3]).toContain(code);
  expect(stderr).toContain(text);
  expect(stdout).toBe('');
  expect(slack.requests).toEqual([]);
  expect(await readdir(cwd)).toEqual([]);
});

it.each([
  ['three credentials', 'SLACK_APP_CLIENT_ID=1.2\nSLACK_APP_CLIENT_SECRET=a\nSLACK_SECRET=b\n'],
  ['a lone secret', 'SLACK_APP_CLIENT_ID=\nSLACK_SECRET=b\n'],
  ['a secret in the wrong place', `SLACK_APP_CLIENT_ID=${'c0ffee00'.repeat(4)}\n`],
])('does not replace %s unasked', async (_, before) => {
  const { slack, cwd, run } = await appScene();
  await writeFile(join(cwd, '.env'), before);
  const { code, stderr } = await run(['app', 'create', '--write']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--yes')]);
  expect(stderr).not.toContain('cccc');
  expect(slack.requests).toEqual([]);
  expect(await readFile(join(cwd, '.env'), 'utf8')).toBe(before);
  expect((await run(['app', 'create', '--write', '--yes'])).code).toBe(0);
  expect(await readFile(join(cwd, '.env'), 'utf8')).toContain(onlyApp(slack).credentials.client_id);
});

it.each([
  ['app create', ['app', 'create', '--write'], 'Replace them?'],
  ['trigger', ['trigger', 'event', '--url', 'http://127.0.0.1:9/'], 'may act on event. Send it?'],
  ['serve events drop', ['serve', 'events', 'drop', 'Ev1', '--store', 'sqlite:s.db'], 'Discard Ev1?'],
])('%s ends with 3 if declined', async (_, args, question) => {
  const { slack, cwd, run, openTerminal } = await appScene();
  await writeFile(join(cwd, '.env'), 'SLACK_APP_CLIENT_ID=1.2\nSLACK_APP_CLIENT_SECRET=a\nSLACK_SECRET=b\n');
  const store = await openSqliteStore(join(cwd, 's.db'), undefined);
  await store.recordEvent(event('Ev1', { delivery: { 'content-type': 'application/json' } }));
  await store.close();
  const terminal = await openTerminal(args);
  await terminal.waitFor(question);
  await terminal.press('Enter');
  expect(await terminal.waitFor('ended with 3')).toContain('confirm, or pass --yes');
  expect(slack.requests).toEqual([]);
  expect((await run(args)).stderr).toContain('this is not a terminal');
});

it('creates no app from a manifest that Slack rejects, and prints an invalid pointer as text', async () => {
  const errors = [
    { message: 'No such\nscope', pointer: 'not_implemented', code: 'illegal_bot_scopes' },
    { message: 'Odd', pointer: '/features/nowhere/7' },
  ];
  const { slack, run } = await appScene({
    'apps.manifest.validate': [{ refuse: 'invalid_manifest', more: { errors } }],
  });
  const { code, stdout, stderr } = await run(['app', 'create', '--write', '--format', 'json']);
  expect(code).toBe(3);
  expect(stderr).toContain('No such\\nscope (not_implemented); Odd (/features/nowhere/7)');
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'slack-invalid-manifest' });
  expect(slack.calls('apps.manifest.create')).toEqual([]);
});

it.each<[string, Step, string, boolean]>([
  ['a connection broken before the work', { cut: 'before' }, 'closed before a complete response', true],
  ['a connection broken after the work', { cut: 'after' }, 'closed before a complete response', true],
  ['a connection broken in the answer', { cut: 'middle' }, 'closed before a complete response', true],
  ['HTTP 503', { status: 503 }, 'HTTP status 503', true],
  ['a page', { status: 200, body: '<html>' }, "not Slack's", true],
  ['fatal_error', { refuse: 'fatal_error' }, 'fatal_error', true],
  ['ok: true with errors', { answer: { ok: true, errors: [{ message: 'no way' }] } }, 'no way', false],
  ['a limit of apps', { refuse: 'managed_app_limit_reached' }, 'managed_app_limit_reached', false],
  ['too long a rate limit', { rateLimited: 3600 }, 'for 3600 s', false],
])('reports after %s whether the app may have been created', async (_, step, text, uncertain) => {
  const { slack, cwd, run } = await appScene({ 'apps.manifest.create': [step] });
  const { code, stderr, stdout } = await run(['app', 'create', '--write']);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(text);
  expect(stderr.includes('may have done it anyway')).toBe(uncertain);
  expect(slack.calls('apps.manifest.create')).toHaveLength(1);
  expect(await readdir(cwd)).toEqual([]);
});

it.each([
  ['stores', ['--write'], '.env'],
  ['prints', ['--reveal'], undefined],
])('%s credentials that come with errors, and ends with 3', async (_, args, file) => {
  const credentials = {
    client_id: '1.2',
    client_secret: 'a11ce5e0'.repeat(4),
    signing_secret: 'b01dface'.repeat(4),
  };
  const answer = { ok: true, app_id: 'A0ODD', credentials, errors: [{ message: 'half done' }] };
  const { cwd, run } = await appScene({ 'apps.manifest.create': [{ answer }] });
  const { code, stdout, stderr } = await run(['app', 'create', ...args]);
  expect([code, stderr]).toEqual([3, expect.stringContaining('half done')]);
  expect(stdout).toContain('A0ODD');
  expect(file ? await readFile(join(cwd, file), 'utf8') : stdout).toContain(credentials.signing_secret);
});

/** The limit on a file's size comes with a signal, unlike a full disk; whoever listens for it is left alive. */
const unsignalled = { NODE_OPTIONS: "--import=data:text/javascript,process.on('SIGXFSZ',()=>{})" };

it.each<[string, (file: string) => Promise<unknown>, number?]>([
  ['a named pipe', (file) => promisify(execFile)('mkfifo', [file])],
  ['a folder', (file) => mkdir(file)],
  ['too big for the disk', (file) => writeFile(file, `# ${'x'.repeat(80 * 1024)}\n`), 64],
  ['unclear', (file) => writeFile(file, 'A="\nSLACK_SECRET=a"a\n"')],
])('creates no app where its file is %s', async (_, make, fileSizeLimit) => {
  const { slack, cwd, run } = await appScene();
  await make(join(cwd, 'slack.env'));
  const { code, stdout, stderr } = await run(['app', 'create', '--write', 'slack.env'], {
    ...(fileSizeLimit === undefined ? {} : { fileSizeLimit }),
    cpuSeconds: 20,
    env: unsignalled,
  });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('no app was created');
  expect(slack.requests).toEqual([]);
  expect(await readdir(cwd)).toEqual(['slack.env']);
});

it('warns if git would add its file', async () => {
  await need('git');
  const { cwd, run } = await appScene();
  await promisify(execFile)('git', ['init', '--quiet', cwd]);
  const { code, stderr } = await run(['app', 'create', '--write']);
  expect([code, stderr]).toEqual([0, expect.stringContaining('no .gitignore covers .env')]);
});

it.each<[string, Record<string, string>, RegExp]>([
  ['its file cannot be written any more', {}, /they are in (\S+)$/m],
  ['nothing at all can be written', { XDG_STATE_HOME: '/proc/x', TMPDIR: '/proc/x' }, /nor anywhere else/],
])('says where the credentials are when %s', async (_, env, message) => {
  const { slack, cwd, stateFolder, run } = await appScene();
  // What was rehearsed a moment ago fails now.
  slack.next('apps.manifest.create', { after: () => mkdir(join(cwd, '.env')) });
  const { code, stdout, stderr } = await run(['app', 'create', '--write'], { env });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(message);
  const { id, credentials } = onlyApp(slack);
  expect(stderr).toContain(id);
  if (env['TMPDIR']) return;
  const rescue = message.exec(stderr)?.[1] ?? '';
  expect(rescue.startsWith(stateFolder)).toBe(true);
  expect((await stat(rescue)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(rescue, 'utf8'))).toEqual({
    SLACK_APP_CLIENT_ID: credentials.client_id,
    SLACK_APP_CLIENT_SECRET: credentials.client_secret,
    SLACK_SECRET: credentials.signing_secret,
  });
});

it('waits for the end of a rate limit and reports it', async () => {
  const { run } = await appScene({ 'apps.manifest.create': [{ rateLimited: 1 }] });
  const { code, stderr } = await run(['app', 'create', '--write']);
  expect([code, stderr]).toEqual([0, expect.stringContaining('retrying in 1 s')]);
});

it.each([
  ['stores', '--write'],
  ['prints', '--reveal'],
])('%s what arrives after Ctrl-C, says so, and ends with 130', async (_, option) => {
  const scene = await appScene();
  const { slack, cwd } = scene;
  const screen = await interruptedAt(scene, 'apps.manifest.create', ['app', 'create', option]);
  expect(screen).toContain('The app is created.');
  const { signing_secret } = onlyApp(slack).credentials;
  const shown = option === '--reveal' ? screen : await readFile(join(cwd, '.env'), 'utf8');
  expect(shown).toContain(signing_secret);
});

describe('credentials that are printed', () => {
  const rescued = async ({ stateFolder }: AppScene) => {
    const names = await readdir(stateFolder).catch(() => []);
    return Promise.all(names.map((name) => readFile(join(stateFolder, name), 'utf8')));
  };

  it('leave no file behind', async () => {
    const scene = await appScene();
    expect((await scene.run(['app', 'create', '--reveal'])).code).toBe(0);
    expect(await rescued(scene)).toEqual([]);
  });

  it.each([
    ['> /dev/full', 'the disk is full'],
    ['| { exec <&-; : > reader-gone; }', 'its reader has closed it'],
  ])('are in a file where they end in %s', async (output, reason) => {
    const scene = await appScene();
    const readerIsGone = () => expect.poll(() => readdir(scene.cwd)).toContain('reader-gone');
    if (output.startsWith('|')) scene.slack.next('apps.manifest.create', { after: readerIsGone });
    const terminal = await scene.openTerminal(['app', 'create', '--reveal', output]);
    expect(await terminal.waitFor('ended with')).toContain(`could not be printed (${reason}): they`);
    expect((await rescued(scene)).join()).toContain(onlyApp(scene.slack).credentials.signing_secret);
  });
});

it.each([
  ['apps.manifest.validate', false],
  ['apps.manifest.create', true],
])('ends soon after Ctrl-C in %s', async (method, uncertain) => {
  const { slack, openTerminal } = await appScene({ [method]: [{ hang: true }] });
  const terminal = await openTerminal(['app', 'create', '--write']);
  await expect.poll(() => slack.calls(method).length).toBe(1);
  await terminal.press('C-c');
  const screen = await terminal.waitFor('ended with 130');
  expect(screen.includes('Slack may have done it anyway')).toBe(uncertain);
});
