import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  commandForm,
  eventBody,
  formType,
  post,
  signedHeaders,
  signingSecret,
  startTestServer,
} from '../../support/serve.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('POST /webhooks/slack', () => {
  it('answers the challenge', async () => {
    const { url } = await startTestServer();
    const response = await post(url, '{"type":"url_verification","token":"x","challenge":"<b>abc</b>"}');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ challenge: '<b>abc</b>' });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it.each([-300, 300])('accepts a timestamp that is %d s off', async (skew) => {
    const now = 1_800_000_000_000;
    const { url } = await startTestServer({ now: () => now });
    expect((await post(url, '{"type":"x"}', { at: now / 1000 + skew })).status).toBe(200);
  });

  it.each([-301, 301])('refuses one that is %d s off; the log alone says why', async (skew) => {
    const now = 1_800_000_000_999;
    const { url, log } = await startTestServer({ now: () => now });
    const response = await post(url, '{"type":"x"}', { at: Math.floor(now / 1000) + skew });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('{"error":"invalid_signature"}');
    expect(await log()).toMatchObject([
      {
        level: 'warn',
        kind: 'slack',
        verdict: 'rejected',
        reason: 'timestamp-stale',
        skewSeconds: skew,
        client: '127.0.0.1',
      },
    ]);
  });

  it('accepts the previous secret too, and says that it was used', async () => {
    const { url, log } = await startTestServer({ signingSecrets: ['new', 'old'] });
    expect((await post(url, '{"type":"x"}', { secret: 'new' })).status).toBe(200);
    expect((await post(url, '{"type":"x"}', { secret: 'old' })).status).toBe(200);
    expect((await post(url, '{"type":"x"}', { secret: 'older' })).status).toBe(401);
    expect((await log()).map((line) => line['secret'])).toEqual([undefined, 'previous', undefined]);
  });

  it.each([
    ['application/json', 200],
    ['APPLICATION/JSON; Charset="UTF-8"', 200],
    ['application/json ; x', 200],
    ['text/json', 415],
    ['application/json+x', 415],
    ['', 415],
  ])('takes JSON as %j with %d', async (type, status) => {
    const { url } = await startTestServer();
    expect((await post(url, '{"type":"x"}', { type })).status).toBe(status);
  });

  it.each(['application/x-www-form-urlencoded; charset=utf-8', 'Application/X-WWW-Form-Urlencoded'])(
    'takes a form as %j',
    async (type) => {
      const { url } = await startTestServer();
      const response = await post(url, commandForm(), { type });
      expect(await response.json()).toMatchObject({ response_type: 'ephemeral' });
    },
  );

  it.each([
    ['{"type":"app_rate_limited","team_id":"T1"}', 'application/json', 'app_rate_limited'],
    ['{"type":"from_the_future"}', 'application/json', 'from_the_future'],
    ['{}', 'application/json', 'unknown'],
    ['{"type":5}', 'application/json', 'unknown'],
    ['team_id=T1&new_field=1', formType, 'form'],
    ['', formType, 'form'],
  ])('acknowledges %j, which is new to it', async (body, type, what) => {
    const { url, log } = await startTestServer();
    const response = await post(url, body, { type });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await log()).toMatchObject([{ kind: 'other', what, verdict: 'acknowledged' }]);
  });

  it('lets a certificate check have no other effect', async () => {
    const { url, log } = await startTestServer();
    const body = commandForm({ ssl_check: '1' });
    const response = await post(url, body, { type: formType });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await log()).toMatchObject([{ kind: 'ssl_check' }]);
    const other = await post(url, commandForm({ ssl_check: '0' }), { type: formType });
    expect(await other.json()).toMatchObject({ response_type: 'ephemeral' });
  });

  it.each([
    ['block_actions', ''],
    ['shortcut', ''],
    ['message_action', ''],
    ['view_submission', ''],
    ['view_closed', ''],
    ['from_the_future', ''],
    ['block_suggestion', '{"options":[]}'],
  ])('acknowledges the interaction %s and logs it', async (type, answer) => {
    const { url, log, logText } = await startTestServer();
    const payload = {
      type,
      team: null,
      enterprise: { id: 'E1' },
      user: { id: 'U1' },
      token: 'verification-token',
      response_url: 'https://hooks.slack.com/actions/secret',
      actions: [{ action_id: 'confirm' }, { action_id: 7 }],
    };
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const response = await post(url, body, { type: formType });
    expect([response.status, await response.text()]).toEqual([200, answer]);
    expect(await log()).toMatchObject([{ kind: 'interaction', who: 'E1/U1', what: `${type} confirm` }]);
    expect(await logText()).not.toMatch(/verification-token|hooks\.slack\.com/);
  });
});

describe('events', () => {
  it('are stored before they are acknowledged, and once', async () => {
    const { url, log, store } = await startTestServer();
    const recorded: string[] = [];
    const record = store.recordEvent.bind(store);
    store.recordEvent = async (event) => {
      const outcome = await record(event);
      recorded.push(`${event.eventId} ${outcome}`);
      return outcome;
    };
    expect((await post(url, eventBody('Ev1'))).status).toBe(200);
    expect(recorded).toEqual(['Ev1 stored']);
    const body = eventBody('Ev1');
    const headers = {
      ...signedHeaders(body),
      'X-Slack-Retry-Num': '1',
      'X-Slack-Retry-Reason': 'http_timeout',
    };
    expect((await fetch(`${url}/webhooks/slack`, { method: 'POST', body, headers })).status).toBe(200);
    expect(recorded).toEqual(['Ev1 stored', 'Ev1 known']);
    expect(await log()).toMatchObject([
      { kind: 'event', who: 'T1', what: 'app_mention', eventId: 'Ev1', verdict: 'stored' },
      { eventId: 'Ev1', verdict: 'known already', retry: '1 (http_timeout)' },
    ]);
  });

  it.each([undefined, 7, '', 'x'.repeat(300), 'with blank', 'nul\u0000'])(
    'without a usable event_id (%j) go by their bytes',
    async (id) => {
      const { url, log } = await startTestServer();
      const body = eventBody('', { type: 'x' }, { event_id: id });
      expect((await post(url, body)).status).toBe(200);
      expect((await post(url, body)).status).toBe(200);
      expect((await log()).map((line) => line['verdict'])).toEqual(['stored', 'known already']);
    },
  );

  it('are left to Slack while the store is down, and taken when it sends them again', async () => {
    const { url, log, store } = await startTestServer();
    const record = store.recordEvent.bind(store);
    store.recordEvent = () => Promise.reject(new Error('disk full'));
    expect((await post(url, eventBody('Ev1'))).status).toBe(503);
    store.recordEvent = record;
    expect((await post(url, eventBody('Ev1'))).status).toBe(200);
    expect(await log()).toMatchObject([
      { level: 'error', verdict: 'not stored', error: { message: 'disk full' }, status: 503 },
      { level: 'info', verdict: 'stored' },
    ]);
  });

  it('get 503 within 3 s from a store that hangs', async () => {
    const { url, store } = await startTestServer();
    store.recordEvent = () => new Promise(() => undefined);
    const started = performance.now();
    expect((await post(url, eventBody('Ev1'))).status).toBe(503);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a body that comes slowly', () => {
  /** Sends the head, and the body later. @returns when the answer was there, from the head on */
  async function sendSlowly(port: number, body: string, type: string): Promise<[string, number]> {
    const socket = connect({ port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    const signature = Object.entries(signedHeaders(body, { type })).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const started = performance.now();
    socket.write(['POST /webhooks/slack HTTP/1.1', 'Host: x', length, ...signature, '', ''].join('\r\n'));
    await setTimeout(1_500);
    socket.write(body);
    const [answer] = await once(socket, 'data');
    return [String(answer), performance.now() - started];
  }

  it('leaves less time for a store that hangs', async () => {
    const { port, store } = await startTestServer();
    store.recordEvent = () => new Promise(() => undefined);
    const [answer, milliseconds] = await sendSlowly(port, eventBody('Ev1'), 'application/json');
    expect(answer).toContain('503');
    expect(milliseconds).toBeLessThan(2_900);
  });
});

describe('an uninstallation', () => {
  const install = (store: Store, id: string, orgWide = false, installedAt = 0) =>
    store.saveInstallation({
      id,
      orgWide,
      teamId: orgWide ? null : id,
      teamName: null,
      enterpriseId: orgWide ? id : null,
      enterpriseName: null,
      appId: 'A1',
      botUserId: 'U0',
      scopes: '',
      installedBy: null,
      installedAt,
      tokens: { bot: 'xoxb-1' },
    });
  const uninstalled = { type: 'app_uninstalled' };
  const revoked = { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: ['U0'] } };

  it.each([
    ['app_uninstalled first', [uninstalled, revoked, uninstalled]],
    ['tokens_revoked first', [revoked, uninstalled, revoked]],
  ])('removes the installation, %s', async (_name, events) => {
    const { url, store } = await startTestServer();
    await install(store, 'T1');
    for (const [index, event] of events.entries()) {
      expect((await post(url, eventBody(`Ev${index}`, event))).status).toBe(200);
      expect(await store.findInstallation('T1')).toBeUndefined();
    }
  });

  it('does not happen when people alone revoked their tokens', async () => {
    const { url, store } = await startTestServer();
    await install(store, 'T1');
    await post(url, eventBody('Ev1', { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } }));
    await post(url, eventBody('Ev2', { type: 'app_mention' }));
    expect(await store.findInstallation('T1')).toBeDefined();
  });

  it.each([uninstalled, revoked])(
    'that comes late leaves a newer installation alone: $type',
    async (event) => {
      const now = 1_800_000_000_500;
      const { url, store } = await startTestServer({ now: () => now });
      await install(store, 'T1', false, now);
      const send = (id: string, time: unknown) =>
        post(url, eventBody(id, event, { event_time: time }), { at: Math.floor(now / 1000) });
      await send('Ev1', Math.floor(now / 1000) - 600);
      expect(await store.findInstallation('T1')).toBeDefined();
      await send('Ev2', Math.floor(now / 1000));
      expect(await store.findInstallation('T1')).toBeUndefined();
      await install(store, 'T1', false, now);
      await send('Ev3', 'no time');
      expect(await store.findInstallation('T1')).toBeUndefined();
    },
  );

  it('of an org-wide app goes by the enterprise', async () => {
    const { url, store } = await startTestServer();
    await install(store, 'E1', true);
    await install(store, 'T1');
    const authorizations = [{ enterprise_id: 'E1', team_id: 'T1', is_enterprise_install: true }];
    await post(url, eventBody('Ev1', uninstalled, { authorizations, enterprise_id: 'E1' }));
    expect(await store.findInstallation('E1')).toBeUndefined();
    expect(await store.findInstallation('T1')).toBeDefined();
  });
});

describe('a slash command', () => {
  it.each(['', 'help', 'subscribe <!channel>', 'list'])(
    'is answered with what the stand-in is and how to connect Spacelift: %j',
    async (text) => {
      const { url } = await startTestServer();
      const response = await post(url, commandForm({ text, command: '/infra-ops' }), { type: formType });
      expect(response.status).toBe(200);
      const message = JSON.parse(await response.text());
      expect(message.response_type).toBe('ephemeral');
      expect(message.text).toMatch(/This is not Spacelift.*stand-in.*SLACK_SECRET.*--upstream/s);
      expect(message.blocks[0]).toEqual({ type: 'section', text: { type: 'mrkdwn', text: message.text } });
      expect(message.text.length).toBeLessThan(3000);
    },
  );

  it('logs its name and who typed it, and nothing else of it', async () => {
    const { url, log, logText } = await startTestServer();
    await post(url, commandForm({ text: 'my-secret-plan' }), { type: formType });
    expect(await log()).toMatchObject([{ kind: 'command', who: 'T1/U1', what: '/spacelift' }]);
    expect(await logText()).not.toMatch(/secret-plan|verification-token|trigger-secret|hooks\.slack/);
  });
});

describe('what is not the webhook', () => {
  it.each([
    ['GET', '/webhooks/slack', 405, 'POST'],
    ['HEAD', '/webhooks/slack', 405, 'POST'],
    ['PUT', '/webhooks/slack', 405, 'POST'],
    ['OPTIONS', '/webhooks/slack', 405, 'POST'],
    ['GET', '/', 404, null],
    ['GET', '/slack_oauth', 404, null],
    ['GET', '/slack_oauth/install', 404, null],
    ['POST', '/webhooks/spacelift', 404, null],
    ['GET', '/healthz', 404, null],
    ['GET', '/metrics', 404, null],
  ])('%s %s is %d', async (method, path, status, allow) => {
    const { url } = await startTestServer();
    const response = await fetch(url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
  });

  it('answers probes on the private listener alone', async () => {
    const { adminUrl, url, store } = await startTestServer();
    await post(url, '{"type":"x"}', { secret: 'wrong' });
    expect((await fetch(`${adminUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${adminUrl}/webhooks/slack`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${adminUrl}/metrics`, { method: 'POST' })).status).toBe(405);
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toContain('spacelift_slack_requests_total{kind="slack",status="401"} 1');
    expect(metrics).toContain('spacelift_slack_rejected_total{reason="signature-wrong"} 1');
    store.check = () => Promise.reject(new Error('gone'));
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${adminUrl}/healthz`)).status).toBe(200);
  });
});

describe('stopping', () => {
  it.each(['prune', 'expire'])('waits for what still tidies the store up: %s', async (work) => {
    const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
    const done: string[] = [];
    const slowly = <Result>(name: string, result: Result) =>
      setTimeout(200).then(() => {
        done.push(name);
        return result;
      });
    if (work === 'prune') store.prune = () => slowly('prune', undefined);
    else store.deliveries.expire = () => slowly('expire', 0);
    const close = store.close.bind(store);
    store.close = () => {
      done.push('close');
      return close();
    };
    const relay = {
      origin: 'http://127.0.0.1:9',
      host: undefined,
      ca: undefined,
      oauth: false,
      retain: 1_000,
    };
    const { stop } = await startTestServer({
      store,
      relay: { ...relay, slackUrl: 'https://slack.com', env: {} },
    });
    await stop();
    expect(done).toEqual([work, 'close']);
  });

  it('finishes what is in flight, and takes no more', async () => {
    const { url, adminUrl, store, stop } = await startTestServer();
    const record = store.recordEvent.bind(store);
    let finish: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      store.recordEvent = async (event) => {
        resolve();
        await wait;
        return record(event);
      };
    });
    const request = post(url, eventBody('Ev1'));
    await begun;
    const stopped = stop();
    await expect(fetch(url)).rejects.toThrow();
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(503);
    finish();
    const response = await request;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
  });
});

it('says nothing of the secret it was given', async () => {
  const { url, logText } = await startTestServer();
  const response = await post(url, '{"type":"x"}', { secret: 'wrong' });
  expect(await response.text()).not.toContain(signingSecret);
  expect(await logText()).not.toContain(signingSecret);
  expect(await logText()).toContain('"x-slack-signature":"[redacted]"');
});

it.each([
  'Referer',
  'X-Original-URI',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Forwarded-Uri',
  'X-Envoy-Original-Path',
])('logs no %s, in which the code of an installation may stand', async (name) => {
  const { url, logText } = await startTestServer();
  const headers = { [name]: 'https://spacelift.example.com/slack_oauth?code=the-code' };
  await fetch(`${url}/favicon.ico`, { headers });
  expect(await logText()).not.toContain('the-code');
  expect(await logText()).toContain(`"${name.toLowerCase()}":"[redacted]"`);
});
