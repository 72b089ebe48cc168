import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../src/commands/serve/queue-limit.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  commandForm,
  eventBody,
  formType,
  holdEvents,
  post,
  signedHeaders,
  signingSecret,
  startTestServer,
} from '../support/serve.ts';
import { timed } from '../support/stopwatch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a request in the log', () => {
  it('shows why it was rejected, by how much its timestamp is off, and who sent it', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000 + 999;
    const { url, log } = await startTestServer({ now: () => now });
    const response = await post(url, '{"type":"x"}', { at: Math.floor(now / 1000) - 301 });
    expect([response.status, await response.text()]).toEqual([401, '{"error":"invalid_signature"}']);
    expect(await log()).toMatchObject([
      {
        level: 'warn',
        kind: 'slack',
        outcome: 'rejected',
        reason: 'timestamp-stale',
        skewSeconds: -301,
        client: '127.0.0.1',
      },
    ]);
  });

  it('shows what Slack sent it for, and never what a person typed or a token', async () => {
    const { url, log, logText } = await startTestServer();
    const payload = {
      type: 'block_actions',
      token: 'verification-token',
      response_url: 'https://hooks.slack.com/actions/secret',
      actions: [{ action_id: 'confirm' }],
    };
    await post(url, `payload=${encodeURIComponent(JSON.stringify(payload))}`, { type: formType });
    await post(url, commandForm({ text: 'my-secret-plan' }), { type: formType });
    await post(url, eventBody('Ev1'));
    expect(await log()).toMatchObject([
      { level: 'info', kind: 'interaction', what: 'block_actions confirm', outcome: 'acknowledged' },
      { level: 'info', kind: 'command', who: 'T1/U1', what: '/spacelift', outcome: 'responded' },
      { level: 'info', kind: 'event', who: 'T1', eventId: 'Ev1', outcome: 'stored', status: 200 },
    ]);
    expect(await logText()).not.toMatch(/secret-plan|verification-token|trigger-secret|hooks\.slack/);
  });

  it('shows the error of a store that fails', async () => {
    const { url, log, store } = await startTestServer();
    store.recordEvent = () => Promise.reject(new Error('disk full'));
    expect((await post(url, eventBody('Ev1'))).status).toBe(503);
    expect(await log()).toMatchObject([
      { level: 'error', outcome: 'not-stored', error: { message: 'disk full' }, status: 503 },
    ]);
  });
});

describe('a body that arrives slowly', () => {
  /** Sends the headers, and the body later. @returns the response, and the time from the headers to it */
  async function sendSlowly(port: number, body: string, type: string): Promise<[string, number]> {
    const socket = connect({ port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    const signature = Object.entries(signedHeaders(body, { type })).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const { value, milliseconds } = await timed(async () => {
      socket.write(['POST /webhooks/slack HTTP/1.1', 'Host: x', length, ...signature, '', ''].join('\r\n'));
      await setTimeout(1_500);
      socket.write(body);
      return once(socket, 'data');
    });
    return [String(value[0]), milliseconds];
  }

  it('leaves less time for a store that hangs', async () => {
    const { port, store } = await startTestServer();
    store.recordEvent = () => new Promise(() => undefined);
    const [answer, milliseconds] = await sendSlowly(port, eventBody('Ev1'), 'application/json');
    expect(answer).toContain('503');
    expect(milliseconds).toBeLessThan(2_900);
  });
});

describe('another request', () => {
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
  ])('%s %s gets %d', async (method, path, status, allow) => {
    const { url } = await startTestServer();
    const response = await fetch(url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
  });

  it('is answered on the private listener only if it is a probe', async () => {
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
  it.each(['prune', 'expire'])('waits for a running clean-up of the store: %s', async (work) => {
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
      queueLimit,
    };
    const { stop } = await startTestServer({
      store,
      relay,
    });
    await stop();
    expect(done).toEqual([work, 'close']);
  });

  it('finishes requests in flight, and accepts no more', async () => {
    const { url, adminUrl, store, stop } = await startTestServer();
    const { begun, finish } = holdEvents(store);
    const request = post(url, eventBody('Ev1'));
    await begun;
    const stopped = stop();
    const isAccepted = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(isAccepted).toBe(false);
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(503);
    finish();
    const response = await request;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
  });
});

it('never prints the signing secret', async () => {
  const { url, logText } = await startTestServer();
  const response = await post(url, '{"type":"x"}', { secret: 'wrong' });
  expect(await response.text()).not.toContain(signingSecret);
  expect(await logText()).not.toContain(signingSecret);
  expect(await logText()).toContain('"x-slack-signature":"[redacted]"');
});

it.each([
  'Referer',
  'X-Original-URI',
  'X-Envoy-Original-Path',
  'X-Auth-Request-Access-Token',
  'X-Amzn-Oidc-Data',
])('redacts %s in the log, as every header that is not known to hold no secret', async (name) => {
  const { url, logText } = await startTestServer();
  const headers = { [name]: 'https://spacelift.example.com/slack_oauth?code=the-code' };
  await fetch(`${url}/favicon.ico`, { headers });
  expect(await logText()).not.toContain('the-code');
  expect(await logText()).toContain(`"${name.toLowerCase()}":"[redacted]"`);
  expect(await logText()).toContain('"user-agent":["');
});
