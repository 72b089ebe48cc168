import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AppScene, appScene, domain, interruptedAt } from '../support/app-scene.ts';

/** A live app that is what the domain needs, but for what the change makes of its text. */
async function liveApp({ slack, manifest }: AppScene, change = (text: string) => text): Promise<string> {
  return slack.workspace.addApp(JSON.parse(change(JSON.stringify(await manifest())))).id;
}

const fromOldDomain = (text: string) => text.replaceAll(domain, 'old.example.com');

describe('a refresh token', () => {
  const refreshing = ({ slack }: AppScene) => ({
    SLACK_CONFIG_TOKEN: '',
    SLACK_CONFIG_REFRESH_TOKEN: slack.workspace.refreshToken,
  });

  it('is exchanged once by two runs at a time, and both use the pair', async () => {
    const scene = await appScene();
    const env = refreshing(scene);
    const args = ['app', 'diff', '--app-id', await liveApp(scene), '--token-store', 'tokens.json'];
    const outcomes = await Promise.all([scene.run(args, { env }), scene.run(args, { env })]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(scene.slack.calls('tooling.tokens.rotate')).toHaveLength(1);
    expect(await readFile(join(scene.cwd, 'tokens.json'), 'utf8')).toContain(
      scene.slack.workspace.refreshToken,
    );
  });

  it('is not given up where the store cannot be written', async () => {
    const scene = await appScene();
    await mkdir(join(scene.cwd, '.local'));
    await writeFile(join(scene.cwd, '.local/state'), '');
    const { code, stderr } = await scene.run(['app', 'export', '--app-id', 'A0123456'], {
      env: refreshing(scene),
    });
    expect([code, stderr]).toEqual([3, expect.stringContaining('--token-store')]);
    expect(scene.slack.requests).toEqual([]);
  });

  it('is not given up where the store can be locked, but not written', async () => {
    const scene = await appScene();
    const { code, stderr } = await scene.run(
      ['app', 'export', '--app-id', 'A0123456', '--token-store', 'tokens.json'],
      {
        // Folders can be made in this folder, but a file gets no content. Node is to see the error, not the signal.
        fileSizeLimit: 0,
        env: {
          ...refreshing(scene),
          NODE_OPTIONS: "--import=data:text/javascript,process.on('SIGXFSZ',()=>{})",
        },
      },
    );
    expect([code, stderr]).toEqual([3, expect.stringMatching(/token store .*tokens.json cannot be written/)]);
    expect(scene.slack.requests).toEqual([]);
  });

  it('is exchanged before, and stored, when Ctrl-C comes in between', async () => {
    let answer: (value?: unknown) => void = () => undefined;
    const interrupted = new Promise((resolve) => {
      answer = resolve;
    });
    const scene = await appScene({ 'tooling.tokens.rotate': [{ after: () => interrupted }] });
    const terminal = await scene.openTerminal(['app', 'export', '--app-id', 'A0123456'], refreshing(scene));
    await expect.poll(() => scene.slack.requests.length).toBe(1);
    await terminal.press('C-c');
    await terminal.waitFor('^C');
    answer();
    await terminal.waitFor('ended with 130');
    const store = join(scene.stateFolder, 'configuration-tokens.json');
    expect(await readFile(store, 'utf8')).toContain(scene.slack.workspace.refreshToken);
    expect(scene.slack.calls('apps.manifest.export')).toEqual([]);
  });
});

describe('app export', () => {
  it('prints the manifest as Slack returns it', async () => {
    const scene = await appScene();
    const appId = await liveApp(scene);
    const { code, stdout } = await scene.run(['app', 'export', '--app-id', appId]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(await scene.manifest());
  });

  it('writes YAML to a file', async () => {
    const scene = await appScene();
    const args = ['app', 'export', '--app-id', await liveApp(scene), '--format', 'yaml', '--out', 'app.yaml'];
    expect(await scene.run(args)).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(join(scene.cwd, 'app.yaml'), 'utf8')).toContain('"chat:write"');
    const diff = await scene.run(['manifest', 'diff', 'app.yaml']);
    expect(diff.code).toBe(0);
  });
});

it.each<[string, string[], string, number]>([
  ['an app that is not there', ['export', '--app-id', 'A0NOTTHERE'], 'app_not_found', 3],
  ['no app id', ['diff'], '--app-id', 2],
  ['a client id in its place', ['diff', '--app-id', '123.456'], 'client id', 2],
  [
    'a domain beside a file',
    ['validate', 'm.json', '--domain', 'a.example.com'],
    '--domain cannot be used with a file',
    2,
  ],
  [
    'a patch beside a file',
    ['validate', 'm.json', '--patch', 'p.json'],
    '--patch cannot be used with a file',
    2,
  ],
  ['--force without a file', ['export', '--app-id', 'A0123456', '--force'], '--out FILE', 2],
  ['no subcommand', [], 'no command was given', 2],
])('reports %s', async (_, args, text, exitCode) => {
  const { run } = await appScene();
  const { code, stderr } = await run(['app', ...args]);
  expect([code, stderr]).toEqual([exitCode, expect.stringContaining(text)]);
});

describe('app diff', () => {
  it('finds nothing in an export of what was created', async () => {
    const scene = await appScene();
    await scene.run(['app', 'create', '--write']);
    const [appId = ''] = scene.slack.workspace.apps.keys();
    const { code, stdout } = await scene.run(['app', 'diff', '--app-id', appId, '--format', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([0, { equal: true, changes: [] }]);
  });

  it('names each difference, and ends with 1', async () => {
    const scene = await appScene();
    const appId = await liveApp(scene, fromOldDomain);
    const { code, stdout } = await scene.run(['app', 'diff', '--format', 'json'], {
      env: { SLACK_APP_ID: appId },
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).changes).toContainEqual(
      expect.objectContaining({
        kind: 'changed',
        pointer: '/settings/event_subscriptions/request_url',
        from: 'https://old.example.com/webhooks/slack',
        to: `https://${domain}/webhooks/slack`,
      }),
    );
  });
});

describe('app validate', () => {
  it('has Slack check the manifest of the domain', async () => {
    const { run } = await appScene();
    expect(await run(['app', 'validate'])).toMatchObject({
      code: 0,
      stdout: 'Slack accepts this manifest.\n',
    });
  });

  it('does not ask Slack about what fails offline', async () => {
    const { slack, cwd, run } = await appScene();
    await writeFile(join(cwd, 'bad.json'), '{}');
    const { code, stdout } = await run(['app', 'validate', 'bad.json']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('bad.json:1:1')]);
    expect(slack.requests).toEqual([]);
  });

  it("gives Slack's findings, and ends with 1", async () => {
    const errors = [{ message: 'no\u001b[2J', pointer: 'not_implemented', code: 'illegal_bot_scopes' }];
    const step = { refuse: 'invalid_manifest', more: { errors } };
    const { run } = await appScene({ 'apps.manifest.validate': [step, step] });
    const json = await run(['app', 'validate', '--format', 'json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      valid: false,
      findings: [{ rule: 'slack:illegal_bot_scopes', severity: 'error', pointer: 'not_implemented' }],
    });
    const text = await run(['app', 'validate']);
    expect([text.code, text.stdout]).toEqual([
      1,
      expect.stringContaining('not_implemented error no\\u001b[2J'),
    ]);
  });
});

describe('app update', () => {
  const drift = (text: string) => fromOldDomain(text).replace('"commands"', '"commands","files:read"');

  it('lists what would be removed, needs confirmation, and sends the complete document', async () => {
    const scene = await appScene();
    const args = ['app', 'update', '--app-id', await liveApp(scene, drift)];
    const unasked = await scene.run(args);
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(unasked.stderr).toMatch(/1 entry will be removed .*files:read/);
    expect(scene.slack.calls('apps.manifest.update')).toEqual([]);

    const { code, stdout, stderr } = await scene.run([...args, '--yes']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('now has the manifest that')]);
    expect(stdout).toContain('Its permissions changed');
    expect(stderr).toMatch(/now has the manifest .*\/install-on-team\n$/s);
    const [sent] = scene.slack.calls('apps.manifest.update');
    expect(JSON.parse(sent?.form['manifest'] ?? '')).toEqual(await scene.manifest());

    const again = await scene.run(args);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing was changed')]);
  });

  it('asks on a terminal, and leaves the app unchanged if declined', async () => {
    const scene = await appScene();
    const terminal = await scene.openTerminal(['app', 'update', '--app-id', await liveApp(scene, drift)]);
    await terminal.waitFor('changes to the live app');
    await terminal.press('n');
    await terminal.press('Enter');
    expect(await terminal.waitFor('ended with 3')).toContain('is unchanged');
    expect(scene.slack.calls('apps.manifest.update')).toEqual([]);
  });

  it('ends with 143 on SIGTERM at its prompt', async () => {
    const scene = await appScene();
    const note = "import{writeFileSync}from'node:fs';writeFileSync('pid',String(process.pid))";
    const args = ['app', 'update', '--app-id', await liveApp(scene, drift)];
    const terminal = await scene.openTerminal(args, {
      NODE_OPTIONS: `--import=data:text/javascript,${note}`,
    });
    await terminal.waitFor('changes to the live app');
    process.kill(Number(await readFile(join(scene.cwd, 'pid'), 'utf8')), 'SIGTERM');
    await terminal.waitFor('ended with 143');
    expect(scene.slack.calls('apps.manifest.update')).toEqual([]);
  });

  it('fails if differences remain', async () => {
    const scene = await appScene({ 'apps.manifest.update': [{ answer: { ok: true, app_id: 'A0' } }] });
    const { code, stderr } = await scene.run([
      'app',
      'update',
      '--app-id',
      await liveApp(scene, drift),
      '--yes',
    ]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('/settings/event_subscriptions/request_url')]);
  });
});

it.each([
  ['update', 'update', 'Updated the app'],
  ['update', 'export', 'Updated the app'],
  ['delete', 'delete', 'Deleted the app'],
] as const)('app %s says what took effect where Ctrl-C comes in %s', async (command, method, said) => {
  const scene = await appScene();
  const appId = await liveApp(scene, fromOldDomain);
  const [name, args] = [`apps.manifest.${method}`, ['app', command, '--yes', '--app-id', appId]];
  // The export that counts is the second one.
  const screen = await interruptedAt(scene, name, args, method === 'export' ? 2 : 1);
  expect(screen).toContain(said);
});

it.each(['update', 'delete'])('app %s says that it may have been done', async (command) => {
  const scene = await appScene({ [`apps.manifest.${command}`]: [{ hang: true }] });
  const appId = await liveApp(scene, fromOldDomain);
  const terminal = await scene.openTerminal(['app', command, '--yes', '--app-id', appId]);
  await expect.poll(() => scene.slack.calls(`apps.manifest.${command}`).length).toBe(1);
  await terminal.press('C-c');
  expect(await terminal.waitFor('ended with 130')).toContain('Slack may have done it anyway');
});

it.each(['create --write', 'update --yes', 'delete --yes'])(
  'app %s stops at once on Ctrl-C while it waits for a rate limit',
  async (command) => {
    const [name = ''] = command.split(' ');
    const method = `apps.manifest.${name}`;
    const scene = await appScene({ [method]: [{ rateLimited: 1 }] });
    const appId = await liveApp(scene, fromOldDomain);
    const id = name === 'create' ? [] : ['--app-id', appId];
    const terminal = await scene.openTerminal(['app', ...command.split(' '), ...id]);
    await terminal.waitFor(`Slack limits the rate of ${method}`);
    await terminal.press('C-c');
    expect(await terminal.waitFor('ended with 130')).not.toContain('Slack may have done it');
    expect(scene.slack.calls(method)).toHaveLength(1);
  },
);

it('warns that a refresh token may have been used when Ctrl-C ends the wait for the response', async () => {
  const scene = await appScene({ 'tooling.tokens.rotate': [{ hang: true }] });
  const terminal = await scene.openTerminal(['app', 'export', '--app-id', await liveApp(scene)], {
    SLACK_CONFIG_TOKEN: '',
    SLACK_CONFIG_REFRESH_TOKEN: scene.slack.workspace.refreshToken,
  });
  await expect.poll(() => scene.slack.calls('tooling.tokens.rotate').length).toBe(1);
  await terminal.press('C-c');
  expect(await terminal.waitFor('ended with 130')).toContain('may have been used');
});

describe('app delete', () => {
  it('requires the name of the app', async () => {
    const scene = await appScene();
    const terminal = await scene.openTerminal(['app', 'delete', '--app-id', await liveApp(scene)]);
    await terminal.waitFor('Type Spacelift');
    await terminal.type('spacelift');
    await terminal.press('Enter');
    await terminal.waitFor('Expected Spacelift');
    expect(scene.slack.workspace.apps.size).toBe(1);
    await terminal.press('C-u');
    await terminal.type('Spacelift');
    await terminal.press('Enter');
    await terminal.waitFor('ended with 0');
    expect(scene.slack.workspace.apps.size).toBe(0);
  });

  it.each<[string, string[], boolean, number]>([
    ['nothing else', [], false, 2],
    ['--yes alone', ['--yes'], false, 2],
    ['the id alone', [], true, 2],
    ['--yes and the id', ['--yes'], true, 0],
  ])('without a terminal and with %s', async (_, args, named, exitCode) => {
    const scene = await appScene();
    const appId = await liveApp(scene);
    const { code } = await scene.run(['app', 'delete', ...args, ...(named ? ['--app-id', appId] : [])], {
      env: { SLACK_APP_ID: appId },
    });
    expect(code).toBe(exitCode);
    expect(scene.slack.workspace.apps.size).toBe(exitCode === 0 ? 0 : 1);
  });
});
