import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../../src/store/installations.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import template from '../../../templates/slack-app-manifest.json' with { type: 'json' };
import { runInProcess } from '../../support/in-process.ts';
import { type LocalSlack, localSlack } from '../../support/local-slack.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const scopes = template.oauth_config.scopes.bot;
const [firstScope = '', ...otherScopes] = scopes;

let folder: string;
let slack: LocalSlack;
let good: string;
let poor: string;

/** T1 has all scopes, T2 lacks one and has another, T3's token was revoked, E1 is org-wide. */
beforeEach(async () => {
  folder = await temporaryFolder();
  slack = await localSlack();
  const app = slack.workspace.addApp({});
  good = slack.workspace.addBotToken(app, scopes.join(','));
  poor = slack.workspace.addBotToken(app, [...otherScopes, 'files:write'].join(','));
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  const installation = (id: string, bot: string, more: Partial<Installation> = {}): Installation => ({
    id,
    orgWide: false,
    teamId: id,
    teamName: `Team \u001b[31m${id}`,
    enterpriseId: null,
    enterpriseName: null,
    appId: app.id,
    botUserId: 'U0',
    scopes: scopes.join(','),
    installedBy: 'U1',
    installedAt: Date.UTC(2026, 10, 23),
    tokens: { bot },
    ...more,
  });
  await store.installations.save(installation('T3', 'xoxb-revoked'));
  await store.installations.save(installation('T2', poor, { scopes: otherScopes.join(',') }));
  await store.installations.save(installation('T1', good));
  await store.installations.save(
    installation('E1', slack.workspace.addBotToken(app, scopes.join(',')), {
      orgWide: true,
      teamId: null,
      teamName: null,
      enterpriseId: 'E1',
      enterpriseName: 'Corp',
      installedBy: null,
    }),
  );
  await store.close();
});

function installations(...args: string[]) {
  const [subcommand = '', ...more] = args;
  const url = subcommand === 'list' ? [] : ['--slack-api-url', slack.url];
  const command = ['serve', 'installations', subcommand, '--store', 'sqlite:serve.db', ...url, ...more];
  return runInProcess(command, { cwd: folder });
}

async function ids(): Promise<readonly string[]> {
  const { stdout } = await installations('list', '--format', 'json');
  const { installations: list }: { installations: { id: string }[] } = JSON.parse(stdout);
  return list.map(({ id }) => id);
}

describe('serve installations list', () => {
  it('shows workspace, time, user and how the scopes differ from the manifest', async () => {
    const { code, stdout } = await installations('list');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'E1            Corp                  2026-11-23T00:00:00.000Z  -             scopes as in the manifest',
      'T1            Team \\u001b[31mT1     2026-11-23T00:00:00.000Z  U1            scopes as in the manifest',
      `T2            Team \\u001b[31mT2     2026-11-23T00:00:00.000Z  U1            scopes missing: ${firstScope}`,
      'T3            Team \\u001b[31mT3     2026-11-23T00:00:00.000Z  U1            scopes as in the manifest',
      '',
    ]);
  });

  it('prints JSON without any token', async () => {
    const { stdout } = await installations('list', '--format', 'json');
    const [org, , poorOne] = JSON.parse(stdout).installations;
    expect(org).toMatchObject({ id: 'E1', orgWide: true, teamId: null, enterpriseName: 'Corp', scopes });
    expect(poorOne).toMatchObject({
      id: 'T2',
      installedBy: 'U1',
      installedAt: '2026-11-23T00:00:00.000Z',
      missingScopes: [firstScope],
      extraScopes: [],
    });
    expect(stdout).not.toMatch(/xox|tokens/);
  });

  it('says that there are none', async () => {
    for (const id of await ids()) await installations('forget', id, '--no-revoke', '--yes');
    const { code, stdout, stderr } = await installations('list');
    expect([code, stdout, stderr]).toEqual([
      0,
      '',
      'No workspace has installed the app through this store.\n',
    ]);
  });
});

describe('serve installations verify', () => {
  it('tells valid tokens, missing scopes and invalid tokens apart, and exits with 1', async () => {
    const { code, stdout, stderr } = await installations('verify');
    expect(code).toBe(1);
    const [org, first, second, third] = stdout.split('\n');
    expect(org).toMatch(/^E1 +Corp +valid +scopes as in the manifest$/);
    expect(first).toMatch(/^T1 .* valid +scopes as in the manifest$/);
    expect(second).toMatch(
      new RegExp(`^T2 .* valid +scopes missing: ${firstScope}; scopes not in the manifest: files:write$`),
    );
    expect(third).toMatch(/^T3 .* invalid +invalid_auth$/);
    expect(stderr).toContain('serve installations forget');
    expect(stderr).toContain('/slack_oauth/install');
    expect(stdout + stderr).not.toContain('xoxb-');
  });

  it('exits with 0 when all tokens are valid and have the scopes of the manifest', async () => {
    for (const id of ['T2', 'T3']) await installations('forget', id, '--no-revoke', '--yes');
    const { code, stdout } = await installations('verify', '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).installations).toMatchObject([
      { id: 'E1', token: 'valid', detail: null, missingScopes: [] },
      { id: 'T1', token: 'valid', detail: null, missingScopes: [] },
    ]);
  });

  it.each([
    [{ status: 500 }, 'HTTP status 500'],
    [{ refuse: 'internal_error' }, 'internal_error'],
    [{ status: 200, body: '<html>' }, "not Slack's"],
  ])('exits with 3 when Slack could not be asked about one: %j', async (step, detail) => {
    for (const id of ['T2', 'T3']) await installations('forget', id, '--no-revoke', '--yes');
    slack.next('auth.test', step);
    const { code, stdout } = await installations('verify', '--format', 'json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout).installations).toMatchObject([
      { id: 'E1', token: 'unchecked', detail: expect.stringContaining(detail) },
      { id: 'T1', token: 'valid' },
    ]);
  });
});

describe('serve installations forget', () => {
  it('revokes the token and deletes the installation', async () => {
    const { code, stdout } = await installations('forget', 'T1', '--yes');
    expect([code, stdout]).toEqual([0, 'installation of T1 deleted (token revoked)\n']);
    expect(slack.workspace.botTokens.has(good)).toBe(false);
    expect(await ids()).toEqual(['E1', 'T2', 'T3']);
  });

  it('deletes an installation whose token was revoked before', async () => {
    slack.next('auth.revoke', { refuse: 'token_revoked' });
    const { code, stdout } = await installations('forget', 'T3', '--yes');
    expect([code, stdout]).toEqual([
      0,
      'installation of T3 deleted (token was invalid already: token_revoked)\n',
    ]);
    expect(await ids()).toEqual(['E1', 'T1', 'T2']);
  });

  it.each([[{ status: 503 }], [{ refuse: 'invalid_auth' }], [{ cut: 'before' }]] as const)(
    'keeps the installation when the token may still work: %j',
    async (step) => {
      slack.next('auth.revoke', step);
      const { code, stderr } = await installations('forget', 'T1', '--yes');
      expect(code).toBe(3);
      expect(stderr).toContain('could not revoke the token of T1');
      expect(stderr).toContain('--no-revoke');
      expect(await ids()).toEqual(['E1', 'T1', 'T2', 'T3']);
    },
  );

  it('deletes without asking Slack with --no-revoke', async () => {
    const { code, stdout } = await installations('forget', 'E1', '--no-revoke', '--yes');
    expect([code, stdout]).toEqual([0, 'installation of E1 deleted (token not revoked)\n']);
    expect(slack.requests).toEqual([]);
    expect(await ids()).toEqual(['T1', 'T2', 'T3']);
  });

  it('needs a confirmation, and --yes where there is no terminal', async () => {
    const { code, stderr } = await installations('forget', 'T1');
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(await ids()).toContain('T1');
  });

  it('rejects a workspace that has not installed the app', async () => {
    const { code, stderr } = await installations('forget', 'T\u001b9', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no installation of T\\u001b9');
  });
});

it('does not make a store that is not there', async () => {
  const { code, stderr } = await runInProcess(
    ['serve', 'installations', 'list', '--store', 'sqlite:other.db'],
    { cwd: folder },
  );
  expect(code).toBe(3);
  expect(stderr).toContain('there is no store other.db');
});
