import { createServer } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { slackError } from '../../../src/slack/api/slack-error.ts';
import {
  createSlackApi,
  mayHaveTakenEffect,
  type SlackApi,
  type SlackApiSettings,
  type SlackFailure,
} from '../../../src/slack/api/web-api.ts';
import { localSlack, type Step } from '../../support/local-slack.ts';
import { startRefusingProxy } from '../../support/refusing-proxy.ts';

const silenced = (['log', 'debug', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
afterEach(() => {
  for (const spy of silenced) expect(spy).not.toHaveBeenCalled();
});

async function slackWith(steps: readonly Step[], settings: Partial<SlackApiSettings> = {}) {
  const slack = await localSlack({ steps: { 'api.test': steps } });
  return { slack, api: createSlackApi({ url: slack.url, env: {}, ...settings }) };
}

const test = (api: SlackApi) => api.call('api.test', { foo: 'bär & +' });

async function failureOf(api: SlackApi): Promise<SlackFailure> {
  const result = await test(api);
  if (result.ok) throw new Error('the call succeeded');
  return result.failure;
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('sends a form and returns the response of Slack', async () => {
  const { api } = await slackWith([]);
  expect(await test(api)).toMatchObject({ ok: true, value: { ok: true, args: { foo: 'bär & +' } } });
});

it('authorizes with a token or with HTTP Basic', async () => {
  const { slack, api } = await slackWith([]);
  const app = slack.workspace.addApp({});
  const token = slack.workspace.addBotToken(app, 'chat:write,commands');
  expect(await api.call('auth.test', {}, { token })).toMatchObject({
    ok: true,
    value: { team_id: slack.workspace.team.id, response_metadata: { scopes: ['chat:write', 'commands'] } },
  });
  const { client_id: clientId, client_secret: clientSecret } = app.credentials;
  expect(await api.call('oauth.v2.access', { code: 'junk' }, { clientId, clientSecret })).toMatchObject({
    ok: false,
    failure: { kind: 'refused', error: 'invalid_code' },
  });
});

it.each<[string, Step, Partial<SlackFailure>, boolean]>([
  ['ok: false', { refuse: 'invalid_auth' }, { kind: 'refused', error: 'invalid_auth' }, false],
  ['fatal_error', { refuse: 'fatal_error' }, { kind: 'refused', error: 'fatal_error' }, true],
  ['ok: false without a word', { answer: { ok: false } }, { kind: 'unreadable' }, true],
  ['HTTP 500', { status: 500, body: 'oops' }, { kind: 'http', status: 500 }, true],
  ['HTTP 403 of a proxy', { status: 403 }, { kind: 'http', status: 403 }, false],
  ['HTTP 304 of a proxy', { status: 304 }, { kind: 'http', status: 304 }, false],
  ['HTTP 204 of a proxy', { status: 204 }, { kind: 'unreadable' }, true],
  ['a page', { status: 200, body: '<html>Log in</html>' }, { kind: 'unreadable' }, true],
  ['JSON that is no object', { status: 200, body: 'null' }, { kind: 'unreadable' }, true],
  ['no answer', { hang: true }, { kind: 'timeout', afterMs: 300 }, true],
  ['a connection broken before', { cut: 'before' }, { kind: 'unreachable', cause: { kind: 'reset' } }, true],
  ['a connection broken within', { cut: 'middle' }, { kind: 'unreachable', cause: { kind: 'reset' } }, true],
  ['a redirect', { status: 302, headers: { Location: '/x' } }, { kind: 'unreachable' }, true],
  ['a long rate limit', { rateLimited: 3600 }, { kind: 'rate-limited', retryAfterSeconds: 3600 }, false],
  ['429 without seconds', { status: 429 }, { kind: 'rate-limited', retryAfterSeconds: 60 }, false],
])('classifies %s, and calls once', async (_, step, failure, uncertain) => {
  const { slack, api } = await slackWith([step], { timeoutMs: 300, longestWaitSeconds: 30 });
  const found = await failureOf(api);
  expect(found).toMatchObject(failure);
  expect(mayHaveTakenEffect(found)).toBe(uncertain);
  expect(slack.requests).toHaveLength(1);
});

it('reports a Slack that cannot be reached', async () => {
  const failure = await failureOf(createSlackApi({ url: `http://127.0.0.1:${await closedPort()}`, env: {} }));
  expect(failure).toMatchObject({ kind: 'unreachable', cause: { kind: 'refused' } });
  expect(mayHaveTakenEffect(failure)).toBe(false);
});

it('does not show a token that cannot be sent', async () => {
  const { slack, api } = await slackWith([]);
  const result = await api.call('api.test', {}, { token: 'xoxe.xoxp-1-hush\nhush' });
  expect(JSON.stringify(result)).not.toContain('hush');
  if (result.ok) throw new Error('it succeeded');
  expect(slackError(result.failure, 'do it', api.url).message).not.toContain('hush');
  expect(slack.requests).toEqual([]);
});

it('waits for a rate limit, reports it, and gives up when the waits exceed the limit', async () => {
  const waits: string[] = [];
  const onRateLimit = (method: string, seconds: number) => waits.push(`${method} ${seconds}`);
  const { slack, api } = await slackWith([{ rateLimited: 1 }], { onRateLimit, longestWaitSeconds: 2 });
  expect(await test(api)).toMatchObject({ ok: true });
  expect(waits).toEqual(['api.test 1']);
  slack.next('api.test', { rateLimited: 1 }, { rateLimited: 2 });
  expect(await test(api)).toMatchObject({ ok: false, failure: { kind: 'rate-limited' } });
  expect(slack.requests).toHaveLength(4);
});

it.each<[string, Step]>([
  ['a call', { hang: true }],
  ['a wait', { rateLimited: 100 }],
])('ends %s at once when it is interrupted', async (_, step) => {
  const controller = new AbortController();
  const { slack, api } = await slackWith([step], { signal: controller.signal });
  const call = test(api);
  await expect.poll(() => slack.requests.length).toBe(1);
  controller.abort();
  await expect(call).rejects.toThrow('aborted');
});

it('uses the proxy of the environment, except for hosts in NO_PROXY', async () => {
  const { address, tunnels } = await startRefusingProxy();
  const HTTPS_PROXY = `http://someone:secret@${address}`;

  const refused = await failureOf(createSlackApi({ url: 'https://slack.com', env: { HTTPS_PROXY } }));
  expect(refused).toMatchObject({ kind: 'unreachable', cause: { kind: 'proxy-refused', status: 502 } });
  expect(mayHaveTakenEffect(refused)).toBe(false);
  expect(tunnels).toEqual(['slack.com:443']);

  const { api } = await slackWith([], { env: { HTTP_PROXY: HTTPS_PROXY, NO_PROXY: '127.0.0.1' } });
  expect(await test(api)).toMatchObject({ ok: true });
  expect(tunnels).toHaveLength(1);
  expect(() => createSlackApi({ url: 'https://slack.com', env: { HTTPS_PROXY: 'http://user:pw@' } })).toThrow(
    'HTTPS_PROXY or HTTP_PROXY is not the address of a proxy',
  );
});
