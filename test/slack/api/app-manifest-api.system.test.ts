import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json-value.ts';
import { appManifestApi, manifestProblems } from '../../../src/slack/api/app-manifest-api.ts';
import { createSlackApi, type SlackResult } from '../../../src/slack/api/web-api.ts';
import { type LocalSlackOptions, localSlack } from '../../support/local-slack.ts';

const manifest: JsonObject = {
  $schema: 'https://example.com/schema.json',
  display_information: { name: 'Spacelift', background_color: '#131417' },
  features: { slash_commands: [{ command: '/spacelift', description: 'x', url: 'https://s.example.com/w' }] },
  oauth_config: { scopes: { bot: ['commands', 'team:read'] } },
};

async function slackApps(steps: LocalSlackOptions['steps'] = {}) {
  const slack = await localSlack({ steps });
  return {
    slack,
    apps: appManifestApi(createSlackApi({ url: slack.url, env: {} }), slack.workspace.configToken),
  };
}

function must<Value>(result: SlackResult<Value>): Value {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.failure)}`);
  return result.value;
}

it('creates, exports, updates and deletes an app', async () => {
  const { slack, apps } = await slackApps();
  expect(must(await apps.validate(manifest))).toEqual([]);
  const { appId, credentials, installUrl } = must(await apps.create(manifest));
  const { client_id, client_secret, signing_secret } = slack.workspace.apps.get(appId)?.credentials ?? {};
  expect(credentials).toEqual({
    clientId: client_id,
    clientSecret: client_secret,
    signingSecret: signing_secret,
  });
  expect(installUrl).toContain('/oauth/v2/authorize?client_id=');
  expect(must(await apps.export(appId))).toMatchObject({ display_information: { name: 'Spacelift' } });
  expect(must(await apps.update(appId, manifest))).toEqual({ permissionsUpdated: false });
  const wider = { ...manifest, oauth_config: { scopes: { bot: ['commands'] } } };
  expect(must(await apps.update(appId, wider))).toEqual({ permissionsUpdated: true });
  expect(await apps.delete(appId)).toEqual({ ok: true, value: undefined });
  expect(await apps.export(appId)).toMatchObject({ failure: { kind: 'refused', error: 'app_not_found' } });
});

it('returns the problems that Slack reports, as text', async () => {
  const { apps } = await slackApps();
  const result = await apps.validate({ features: { bot_user: { display_name: 'x' } } });
  if (result.ok) throw new Error('Slack took it');
  expect(result.failure).toMatchObject({ kind: 'refused', error: 'invalid_manifest' });
  expect(manifestProblems(result.failure)).toEqual([
    expect.objectContaining({ code: 'missing_field', place: 'not_implemented' }),
    expect.objectContaining({ code: 'requires_a_bot_scope', place: '/features/bot_user' }),
  ]);
});

it.each(['validate', 'create', 'update'] as const)(
  'treats ok: true with errors as a failure of %s',
  async (method) => {
    const answer = { ok: true, app_id: 'A1', errors: [{ message: 'no' }, 'odd', { code: 'x' }] };
    const { apps } = await slackApps({ [`apps.manifest.${method}`]: [{ answer }] });
    const result = await (method === 'update' ? apps.update('A1', manifest) : apps[method](manifest));
    if (result.ok) throw new Error('it was taken for a success');
    expect(manifestProblems(result.failure).map(({ message }) => message)).toEqual(['no', '"odd"', 'x']);
  },
);

it('returns the warnings of a validation', async () => {
  const answer = { ok: true, errors: [], warnings: [{ code: 'breaking_change', message: 'careful' }] };
  const { apps } = await slackApps({ 'apps.manifest.validate': [{ answer }] });
  expect(must(await apps.validate(manifest))).toEqual([
    { code: 'breaking_change', message: 'careful', place: undefined },
  ]);
});

it('does not report an app without credentials as created', async () => {
  const { apps } = await slackApps({ 'apps.manifest.create': [{ answer: { ok: true, app_id: 'A1' } }] });
  expect(await apps.create(manifest)).toEqual({ ok: false, failure: { kind: 'unreadable' } });
});
