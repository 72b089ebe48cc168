import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../../src/doctor/catalogue/catalogue.ts';
import { createRedactor } from '../../../src/doctor/redactor.ts';
import type { JsonObject, JsonValue } from '../../../src/json-value.ts';
import { mergePatch } from '../../../src/manifest/merge-patch.ts';
import { type RenderOptions, renderManifest } from '../../../src/manifest/render.ts';
import type { SlackApi, SlackFailure, SlackResult } from '../../../src/slack/api/web-api.ts';
import { domain, host, network } from '../given.ts';
import { run } from '../run-check.ts';

const refused = (error: string): SlackFailure => ({ kind: 'refused', error, body: { ok: false, error } });
const unreachable: SlackFailure = { kind: 'unreachable', cause: { kind: 'refused' } };
const timeout: SlackFailure = { kind: 'timeout', afterMs: 8_000 };
const failure = (kind: SlackFailure): SlackResult<JsonObject> => ({ ok: false, failure: kind });

/** An API that expects one method, and returns this result. */
function api(method: string, result: SlackResult<JsonObject>): SlackApi {
  return {
    url: 'https://slack.com',
    call: async (called) => {
      expect(called).toBe(method);
      return result;
    },
  };
}

const offlineNetwork = network({ lookUp: async () => ({ found: false, code: 'ETIMEOUT' }) });
const offline = { status: 'skip', detail: 'not known: see dns.resolves' };

describe('slack.reachable', () => {
  const judge = (result: SlackResult<JsonObject>, changes: Parameters<typeof run>[1] = {}) =>
    run('slack.reachable', { slack: api('api.test', result), ...changes });

  it('passes if Slack responds', async () => {
    expect(await judge({ ok: true, value: { ok: true } })).toEqual({
      status: 'pass',
      detail: 'https://slack.com responds',
    });
  });

  it('warns about a rate limit', async () => {
    expect(await judge(failure({ kind: 'rate-limited', retryAfterSeconds: 30 }))).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('rate limits these calls for 30 s'),
    });
  });

  it('fails for any other reason, in which no secret is shown', async () => {
    const redactor = createRedactor(['hush-hush-hush']);
    expect(await judge(failure(refused('x hush-hush-hush')), { redactor })).toMatchObject({
      status: 'fail',
      detail: 'could not call Slack: Slack returned x [redacted]',
      hint: expect.stringMatching(/ Spacelift's server and drain must reach it too\.$/),
    });
  });

  it.each([unreachable, timeout])(
    'leaves it to dns.resolves if this machine resolves nothing: $kind',
    async (kind) => {
      expect(await judge(failure(kind), { network: offlineNetwork })).toEqual(offline);
      expect(await judge(failure(kind))).toMatchObject({ status: 'fail' });
    },
  );

  it.each<[string, SlackFailure, Parameters<typeof run>[1]]>([
    ['Slack responded', { kind: 'http', status: 500 }, {}],
    ['dns.resolves is not part of the run', unreachable, { runs: new Set<CheckId>(['slack.reachable']) }],
    [
      '--connect-to gives the address',
      unreachable,
      {
        network: {
          ...offlineNetwork,
          route: () => ({ text: 'a', host, port: 443, toHost: '10.0.0.1', toPort: 443 }),
        },
      },
    ],
  ])('does not leave it to dns.resolves if %s', async (_, kind, changes) => {
    expect(await judge(failure(kind), { network: offlineNetwork, ...changes })).toMatchObject({
      status: 'fail',
    });
  });
});

describe('slack.credentials', () => {
  const judge = (result: SlackResult<JsonObject>, changes: Parameters<typeof run>[1] = {}) =>
    run('slack.credentials', { slack: api('oauth.v2.access', result), ...changes });

  it('passes if Slack only rejects the code', async () => {
    const auth: unknown[] = [];
    const slack: SlackApi = {
      url: 'https://slack.com',
      call: async (_, __, credentials) => {
        auth.push(credentials);
        return failure(refused('invalid_code'));
      },
    };
    await run('slack.credentials', { slack });
    expect(auth).toEqual([
      { clientId: '2833563543.1341693891393', clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00' },
    ]);
    expect(await judge(failure(refused('invalid_code')))).toEqual({
      status: 'pass',
      detail: 'Slack knows the Client ID, and the Client Secret belongs to it',
    });
  });

  it.each([
    [
      'bad_client_secret',
      /^SLACK_APP_CLIENT_SECRET does not belong to SLACK_APP_CLIENT_ID/,
      /not the Signing Secret/,
    ],
    ['invalid_client_id', /^Slack knows no app with this SLACK_APP_CLIENT_ID/, /GovSlack/],
  ])('fails for %s, which no repetition changes', async (error, detail, hint) => {
    expect(await judge(failure(refused(error)))).toEqual({
      status: 'fail',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
      inputAtFault: true,
    });
  });

  it.each<[SlackResult<JsonObject>, RegExp, RegExp]>([
    [{ ok: true, value: { ok: true } }, /^Slack responded "ok", and invalid_code was expected/, /by hand/],
    [failure(refused('strange')), /^Slack responded "strange"/, /by hand/],
    [failure(refused('invalid_auth')), /^Slack responded "invalid_auth"/, /^(?!.*by hand)/],
    [failure(unreachable), /^could not try the credentials: cannot connect to/, /./],
  ])('warns that nothing is proven by %j', async (result, detail, hint) => {
    expect(await judge(result)).toEqual({
      status: 'warn',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
    });
  });

  it('leaves it to dns.resolves if this machine resolves nothing', async () => {
    expect(await judge(failure(timeout), { network: offlineNetwork })).toEqual(offline);
  });

  it.each([{ clientId: '1.2' }, { clientSecret: 'c0ffee00' }])('skips with %j alone', async (usable) => {
    expect(await judge(failure(unreachable), { usable })).toEqual({
      status: 'skip',
      detail: 'the Client ID and the Client Secret are not both set here',
    });
  });

  it.each(['clientId', 'clientSecret'] as const)('reports a %s that is something else', async (part) => {
    const finding = {
      check: 'env.mix-up',
      severity: 'error',
      part,
      message: 'it is a token',
      hint: 'Copy it.',
    };
    const changes = { usable: {}, mistakes: { [part]: finding } };
    expect(await judge(failure(unreachable), changes)).toEqual({
      status: 'skip',
      detail: 'not tried: it is a token',
    });
    const runs = new Set<CheckId>(['slack.credentials']);
    expect(await judge(failure(unreachable), { ...changes, runs })).toEqual({
      status: 'fail',
      detail: 'it is a token',
      hint: 'Copy it.',
      inputAtFault: true,
    });
  });

  it('shows no secret in what Slack responded', async () => {
    const redactor = createRedactor(['hush-hush-hush']);
    expect((await judge(failure(refused('hush-hush-hush')), { redactor })).detail).toContain('"[redacted]"');
  });
});

describe('slack.app-drift', () => {
  const app = { id: 'A0123456789', configToken: 'xoxe.xoxp-1-token' };
  const needed: RenderOptions = { domain: domain(host), webhookDomain: domain(host) };
  const documented = async (options: Partial<RenderOptions> = {}) =>
    (await renderManifest({ ...needed, ...options })).manifest;
  const judge = async (live: JsonValue, changes: Parameters<typeof run>[1] = {}) =>
    run('slack.app-drift', {
      app,
      slack: api('apps.manifest.export', { ok: true, value: { ok: true, manifest: live } }),
      ...changes,
    });

  it('passes if the app has the manifest of this domain', async () => {
    expect(await judge(await documented())).toEqual({
      status: 'pass',
      detail: 'the app has the manifest that this domain needs',
    });
    expect(await judge(await documented({ socketMode: true }), { socketMode: true })).toMatchObject({
      status: 'pass',
    });
  });

  it.each<[string, Partial<RenderOptions>]>([
    ['a name of its own', { name: 'Spacelift (staging)' }],
    ['a command of its own', { command: '/spacelift-staging' }],
    ['org_deploy_enabled', { orgDeploy: true }],
  ])('passes for an app with %s', async (_, options) => {
    expect(await judge(await documented(options))).toMatchObject({ status: 'pass' });
  });

  it.each<[string, JsonObject, string]>([
    ['lacks a scope', { oauth_config: { scopes: { bot: ['commands'] } } }, 'fail'],
    [
      'redirects elsewhere',
      { oauth_config: { redirect_urls: ['https://old.example.com/slack_oauth'] } },
      'fail',
    ],
    ['has no bot', { features: { bot_user: null } }, 'fail'],
    ['has no command', { features: { slash_commands: null } }, 'fail'],
    [
      'sends events elsewhere',
      { settings: { event_subscriptions: { request_url: 'https://old.example.com' } } },
      'fail',
    ],
    ['has no interactivity', { settings: { interactivity: null } }, 'fail'],
    ['has no settings', { settings: null }, 'fail'],
    ['uses Socket Mode', { settings: { socket_mode_enabled: true } }, 'fail'],
    ['rotates tokens', { settings: { token_rotation_enabled: true } }, 'fail'],
    ['has another description', { display_information: { description: 'Old' } }, 'warn'],
    ['has a name that is no text', { display_information: { name: 7 } }, 'warn'],
    ['has another colour', { display_information: { background_color: '#000000' } }, 'warn'],
    ['has a scope more', { features: { app_home: { home_tab_enabled: true } } }, 'warn'],
  ])('judges an app that %s', async (_, patch, status) => {
    const result = await judge(mergePatch(await documented(), patch));
    expect(result).toMatchObject({
      status,
      detail: expect.stringMatching(/^the app differs from what this domain needs in \d+ places?: "\//),
      hint: expect.stringContaining('spacelift-slack app diff'),
    });
  });

  it('reports one place, or the first three of several', async () => {
    const one = { display_information: { description: 'Old' } };
    expect((await judge(mergePatch(await documented(), one))).detail).toMatch(
      /needs in 1 place: "\/display_information\/description": [^;]+$/,
    );
    expect((await judge({})).detail).toMatch(/ in 6 places: "\/[^;]+; "\/[^;]+; "\/[^;]+; and 3 more$/);
    const three = { oauth_config: null, settings: { interactivity: null } };
    expect((await judge(mergePatch(await documented(), three))).detail).toMatch(
      / in 3 places: [^;]+; [^;]+; [^;]+$/,
    );
  });

  it.each([
    [['/a', '/b', '/spacelift'], 'fail', '"/features/slash_commands/2/url": '],
    [['/a', '/b'], 'warn', '"/features/slash_commands/1/description": '],
    [['/a', '/c'], 'fail', '"/features/slash_commands/0/url": '],
  ])('takes one of the commands %j for that of Spacelift', async (names, status, place) => {
    const live = mergePatch(await documented(), {
      features: {
        slash_commands: names.map((name) => ({
          command: name,
          description: 'x',
          url: name === '/b' ? `https://${host}/webhooks/slack` : 'https://old.example.com',
        })),
      },
    });
    expect(await judge(live)).toMatchObject({ status, detail: expect.stringContaining(place) });
  });

  it.each([
    [{ id: undefined, configToken: 'x' }, 'there is no --app-id to read the app with'],
    [{ id: 'A1', configToken: undefined }, 'there is no SLACK_CONFIG_TOKEN to read the app with'],
    [{ id: undefined, configToken: undefined }, 'there is no SLACK_CONFIG_TOKEN to read the app with'],
  ])('skips with %j', async (given, detail) => {
    const hint = expect.stringMatching(/^Pass --app-id, and set SLACK_CONFIG_TOKEN/);
    expect(await judge({}, { app: given })).toEqual({ status: 'skip', detail, hint });
  });

  it('fails if the app cannot be read', async () => {
    const slack = api('apps.manifest.export', failure(refused('app_not_found')));
    expect(await judge({}, { slack })).toMatchObject({
      status: 'fail',
      detail: 'could not read the app: Slack returned app_not_found',
    });
  });
});
