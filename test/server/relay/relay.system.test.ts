import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Chalk } from 'chalk';
import Libsql from 'libsql';
import { Registry } from 'prom-client';
import { Agent } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../../src/commands/serve/queue-limit.ts';
import { createLog } from '../../../src/server/operations/log.ts';
import { StoreClock } from '../../../src/server/operations/store-clock.ts';
import { type RelayOptions, startRelay } from '../../../src/server/relay/relay.ts';
import type { SlackAccess } from '../../../src/server/server.ts';
import { Messenger } from '../../../src/server/webhook/messenger.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { createAuthority } from '../../support/certificate-authority.ts';
import { startRefusingProxy } from '../../support/refusing-proxy.ts';
import {
  commandForm,
  eventBody,
  formType,
  post,
  signedHeaders,
  signingSecret,
  startTestServer,
  type TestServer,
} from '../../support/serve.ts';
import { slackEndpoint } from '../../support/slack-endpoint.ts';
import { timed } from '../../support/stopwatch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { closedPort, httpsServer, tcpServer } from '../../support/tls-server.ts';
import { type Respond, startUpstream, type TestUpstream } from '../../support/upstream.ts';

const day = 24 * 3_600_000;

function relayTo(origin: string, more: Partial<RelayOptions> = {}): RelayOptions {
  return {
    origin,
    host: undefined,
    ca: undefined,
    oauth: false,
    retain: day,
    queueLimit,
    ...more,
  };
}

async function start(
  respond?: Respond,
  more: Partial<RelayOptions> = {},
  slack: Partial<SlackAccess> = {},
): Promise<{ upstream: TestUpstream; relay: TestServer }> {
  const upstream = await startUpstream(respond);
  const access = { url: 'https://slack.com', env: {}, ...slack };
  const relay = await startTestServer({ relay: relayTo(upstream.url, more), slack: access });
  return { upstream, relay };
}

function interaction(more: object = {}): string {
  const payload = {
    type: 'block_actions',
    team: { id: 'T1' },
    user: { id: 'U1' },
    actions: [{ action_id: 'confirm_run' }],
    ...more,
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

const form = { type: formType };

describe('a forwarded request', () => {
  it('has the raw body and the headers that Slack sent, and no others', async () => {
    const { upstream, relay } = await start();
    const body = `${commandForm()}&odd=%7E~%20+%C3%A9é&&=x`;
    const sent = signedHeaders(body, { type: 'application/x-www-form-urlencoded; charset=utf-8' });
    await fetch(`${relay.url}/webhooks/slack?unsigned=1`, {
      method: 'POST',
      body,
      headers: {
        ...sent,
        'X-Slack-Retry-Num': '2',
        'X-Slack-Retry-Reason': 'http_timeout',
        'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Host': 'evil.example',
        Forwarded: 'for=203.0.113.9',
        Cookie: 'session=1',
        Authorization: 'Bearer x',
        'X-Original-Url': '/admin',
      },
    });
    const [got] = upstream.received;
    expect(got?.method).toBe('POST');
    expect(got?.path).toBe('/webhooks/slack');
    expect(got?.body.equals(Buffer.from(body))).toBe(true);
    expect(got?.signatureIsValid).toBe(true);
    const { 'x-request-id': requestId, ...headers } = got?.headers ?? {};
    expect(requestId?.[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers).toEqual({
      host: [`127.0.0.1:${upstream.port}`],
      connection: ['keep-alive'],
      'content-length': [String(Buffer.byteLength(body))],
      'content-type': ['application/x-www-form-urlencoded; charset=utf-8'],
      'x-slack-request-timestamp': [sent['X-Slack-Request-Timestamp']],
      'x-slack-signature': [sent['X-Slack-Signature']],
      'x-slack-retry-num': ['2'],
      'x-slack-retry-reason': ['http_timeout'],
      'user-agent': ['Slackbot 1.0 (+https://api.slack.com/robots)'],
      accept: ['*/*'],
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': [`127.0.0.1:${relay.port}`],
      via: ['1.1 spacelift-slack'],
    });
  });

  it.each([
    ['a command', commandForm(), form],
    ['a button', interaction(), form],
    ['a form of neither kind', 'probe=1', form],
    ['a type that is new', '{"type":"app_rate_limited","team_id":"T1"}', {}],
  ])('gets the response of the upstream unchanged: %s', async (_name, body, options) => {
    const answer = gzipSync('{"text":"héllo"}');
    const { relay } = await start((response) =>
      response
        .writeHead(202, {
          'Content-Type': 'application/json',
          'Content-Encoding': 'gzip',
          'Set-Cookie': ['a=1', 'b=2'],
          'X-Of-Spacelift': 'yes',
          'X-Ends-Here': 'no',
          Connection: 'close, X-Ends-Here',
          'Keep-Alive': 'timeout=7',
          'Proxy-Authenticate': 'Basic',
          'X-Request-Id': 'theirs',
        })
        .end(answer),
    );
    const response = await post(relay.url, body, options);
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('{"text":"héllo"}');
    const { headers } = response;
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(headers.get('x-of-spacelift')).toBe('yes');
    expect(headers.get('x-ends-here')).toBeNull();
    expect(headers.get('proxy-authenticate')).toBeNull();
    expect(headers.get('keep-alive')).not.toBe('timeout=7');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('uses a connection that is kept open', async () => {
    const { upstream, relay } = await start();
    const ports = new Set<number | undefined>();
    upstream.respond = (response) => {
      ports.add(response.socket?.remotePort);
      response.end();
    };
    for (let count = 0; count < 5; count++) await post(relay.url, commandForm(), form);
    expect(ports.size).toBe(1);
  });

  it('reaches an upstream with a private certificate under its own name', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({ names: ['spacelift.internal.example'] });
    const hosts: (string | undefined)[] = [];
    const endpoint = slackEndpoint({
      signingSecret: '8f742231b10e8888abcd99yyyzzz85a5',
      before: (request) => {
        hosts.push(request.headers.host);
        return false;
      },
    });
    const port = await httpsServer(identity, endpoint);
    const options = { host: 'spacelift.internal.example', ca: authority.root };
    const relay = await startTestServer({ relay: relayTo(`https://127.0.0.1:${port}`, options) });
    expect(await (await post(relay.url, commandForm(), form)).text()).toBe('');
    expect(hosts).toEqual(['spacelift.internal.example']);
  });

  it('does not reach an upstream whose certificate is for another name; the log names --upstream-host', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({ names: ['spacelift.internal.example'] });
    const port = await httpsServer(identity, (_request, response) => response.end());
    const relay = await startTestServer({
      relay: relayTo(`https://127.0.0.1:${port}`, { ca: authority.root }),
    });
    await post(relay.url, commandForm(), form);
    const line = (await relay.log()).find(({ kind }) => kind === 'command');
    expect(line?.['reason']).toMatch(/another host name .* --upstream-host/);
  });
});

describe('not forwarded is', () => {
  it.each([
    ['a forged request', '/webhooks/slack', { 'X-Slack-Signature': `v0=${'0'.repeat(64)}` }, 401],
    ['an old request', '/webhooks/slack', { 'X-Slack-Request-Timestamp': '1531420618' }, 401],
    ['an unreadable one', '/webhooks/slack', { 'Content-Type': 'text/plain' }, 415],
    ['one that came through a relay', '/webhooks/slack', { Via: '1.1 spacelift-slack' }, 508],
    ['another path', '/webhooks/slack/', {}, 404],
    ['a path with tricks', '/webhooks/slack/../slack', {}, 200],
    ['a page', '/', {}, 404],
    ['the OAuth redirect', '/slack_oauth', {}, 404],
  ])('%s', async (name, path, headers, status) => {
    const { upstream, relay } = await start();
    const body = commandForm();
    const response = await fetch(`${relay.url}${path}`, {
      method: 'POST',
      body,
      headers: { ...signedHeaders(body, form), ...headers },
    });
    expect(response.status).toBe(status);
    // fetch itself normalises the path.
    expect(upstream.received).toHaveLength(name === 'a path with tricks' ? 1 : 0);
  });

  it('a check of the endpoint by Slack, to which the relay responds', async () => {
    const { upstream, relay } = await start();
    const challenge = await post(relay.url, '{"type":"url_verification","challenge":"abc"}');
    expect(await challenge.json()).toEqual({ challenge: 'abc' });
    expect((await post(relay.url, 'ssl_check=1&command=%2Fspacelift', form)).status).toBe(200);
    expect(upstream.received).toHaveLength(0);
  });
});

describe('an upstream that fails', () => {
  const failures: [string, () => Promise<string>, RegExp, RegExp][] = [
    [
      'refuses the connection',
      async () => `http://127.0.0.1:${await closedPort()}`,
      /cannot be reached/,
      /refused/,
    ],
    [
      'has no address',
      async () => 'http://nowhere.invalid',
      /cannot be reached/,
      /does not resolve|DNS lookup failed/,
    ],
    [
      'says nothing',
      async () => `http://127.0.0.1:${await tcpServer()}`,
      /in time/,
      /no response within 2\.\d+ s/,
    ],
    [
      'breaks off',
      async () =>
        `http://127.0.0.1:${await tcpServer((socket) => socket.once('data', () => socket.destroy()))}`,
      /was incomplete/,
      /closed before a complete response/,
    ],
    [
      'speaks no HTTP',
      async () => `http://127.0.0.1:${await tcpServer((socket) => socket.end('220 mail ready\r\n'))}`,
      /was incomplete/,
      /HTTP/,
    ],
    ['answers 500', answering((response) => response.writeHead(500).end('trace')), /HTTP 500/, /HTTP 500/],
    [
      'redirects',
      answering((response) => response.writeHead(302, { Location: 'https://sso.example/login' }).end()),
      /HTTP 302/,
      /a redirect to sso\.example, which is not followed/,
    ],
    [
      'has a login page in front',
      answering((response) => response.setHeader('Content-Type', 'text/html').end('<title>Sign in</title>')),
      /in front of Spacelift/,
      /HTTP 200 with an HTML page/,
    ],
    [
      'has another secret',
      answering((response) => response.writeHead(401).end()),
      /HTTP 401/,
      /check that its SLACK_SECRET is the same/,
    ],
    [
      'answers without end',
      answering((response) => response.end(Buffer.alloc(1024 * 1024 + 1))),
      /was incomplete/,
      /over 1048576 bytes/,
    ],
    [
      'drips',
      answering((response) => {
        const dripping = setInterval(() => response.write('.'), 100);
        response.on('close', () => clearInterval(dripping));
      }),
      /in time/,
      /no response within/,
    ],
    [
      'has a certificate of nobody’s',
      async () => {
        const identity = await (await createAuthority()).issue({ names: ['localhost'] });
        return `https://localhost:${await httpsServer(identity, (_request, response) => response.end())}`;
      },
      /cannot be reached/,
      /certificate is not trusted/,
    ],
  ];

  function answering(respond: Respond) {
    return async () => (await startUpstream(respond)).url;
  }

  it.each(failures)(
    '%s: the person gets a message, and the log has the cause',
    async (_name, origin, read, logged) => {
      const relay = await startTestServer({ relay: relayTo(await origin()) });
      const { value: response, milliseconds } = await timed(() => post(relay.url, commandForm(), form));
      expect(milliseconds).toBeLessThan(3_000);
      expect(response.status).toBe(200);
      const message = await response.json();
      expect(message).toMatchObject({ response_type: 'ephemeral', text: expect.stringMatching(read) });
      const line = (await relay.log()).find(({ kind }) => kind === 'command');
      expect(line).toMatchObject({
        level: 'error',
        outcome: 'not-forwarded',
        reason: expect.stringMatching(logged),
      });
      expect(JSON.stringify(message)).toContain(String(line?.['requestId']));
    },
  );

  it('has as much time as Slack allows, even if the clock is changed meanwhile', async () => {
    const upstream = await startUpstream((response) => {
      setTimeout(() => response.end('taken'), 300);
    });
    let time = Date.now();
    const relay = await startTestServer({
      relay: relayTo(upstream.url),
      now: () => {
        time += 10_000;
        return time - 10_000;
      },
    });
    expect(await (await post(relay.url, commandForm(), form)).text()).toBe('taken');
  });

  it('gets no requests after five consecutive failures, until one succeeds after a while', async () => {
    const { upstream, relay } = await start((response) => response.writeHead(503).end());
    for (let count = 0; count < 8; count++) await post(relay.url, commandForm(), form);
    expect(upstream.received).toHaveLength(5);
    const answer = await (await post(relay.url, commandForm(), form)).json();
    expect(answer).toMatchObject({ text: expect.stringContaining('Nothing was done') });
    expect(await metric(relay, 'spacelift_slack_upstream_circuit_open')).toBe(1);
    expect((await fetch(`${relay.adminUrl}/readyz`)).status).toBe(200);

    upstream.respond = (response) => response.end('back');
    await expect.poll(async () => (await post(relay.url, commandForm(), form)).text()).toBe('back');
    expect(await metric(relay, 'spacelift_slack_upstream_circuit_open')).toBe(0);

    const changes = (await relay.log()).filter(({ msg }) => String(msg).startsWith('circuit '));
    const where = { upstream: upstream.url, path: '/webhooks/slack' };
    expect(changes).toMatchObject([
      { level: 'warn', ...where, failures: 5, reason: 'HTTP 503' },
      { level: 'info', ...where, failures: 5, openSeconds: expect.any(Number) },
    ]);
  });

  it('causes a message to the response_url of a button', async () => {
    const hooks = await startUpstream();
    const { relay } = await start((response) => response.writeHead(500).end(), {}, { url: hooks.url });
    const body = interaction({ response_url: `${hooks.url}/actions/T1/1/secret-of-the-url` });
    const response = await post(relay.url, body, form);
    expect(response.status).toBe(200);
    await hooks.hasReceived(1);
    const [message] = hooks.received;
    expect(message?.path).toBe('/actions/T1/1/secret-of-the-url');
    expect(JSON.parse(String(message?.body))).toMatchObject({
      response_type: 'ephemeral',
      replace_original: false,
      text: expect.stringContaining('HTTP 500'),
    });
    expect(await relay.logText()).not.toContain('secret-of-the-url');
  });

  it('causes that message to go through HTTPS_PROXY', async () => {
    const { address, tunnels } = await startRefusingProxy();
    const { relay } = await start(
      (response) => response.writeHead(500).end(),
      {},
      { env: { HTTPS_PROXY: `http://${address}` } },
    );
    await post(relay.url, interaction({ response_url: 'https://hooks.slack.com/actions/T1/1/x' }), form);
    await expect.poll(() => tunnels).toEqual(['hooks.slack.com:443']);
  });

  it.each(['http://127.0.0.1:9/x', 'https://hooks.slack.com.evil.example/x', 'file:///etc/passwd', 'x'])(
    'causes no message to a response_url that is not one of Slack: %s',
    async (url) => {
      const { relay } = await start((response) => response.writeHead(500).end());
      await post(relay.url, interaction({ response_url: url }), form);
      expect(await relay.logText()).toContain("not Slack's");
    },
  );

  it('causes an error at the first input of a modal, which keeps what was typed', async () => {
    const { relay } = await start((response) => response.writeHead(500).end());
    const view = {
      blocks: [
        { type: 'section', block_id: 'intro', text: { type: 'mrkdwn', text: 'x' } },
        { type: 'input', block_id: 'reason' },
        { type: 'input', block_id: 'comment' },
      ],
    };
    const response = await post(relay.url, interaction({ type: 'view_submission', view }), form);
    expect(await response.json()).toEqual({
      response_action: 'errors',
      errors: { reason: expect.stringMatching(/^Spacelift failed \(HTTP 500\).*request [0-9a-f-]{36}$/) },
    });
  });

  it.each([
    ['without a view', undefined],
    ['without an input', { blocks: [{ type: 'section', block_id: 'intro' }] }],
    ['of an odd shape', { blocks: { type: 'input', block_id: 'x' } }],
    ['with an odd input', { blocks: [{ type: 'input', block_id: 7 }] }],
  ])('causes a new view in place of a modal %s', async (_name, view) => {
    const { relay } = await start((response) => response.writeHead(500).end());
    const response = await post(relay.url, interaction({ type: 'view_submission', view }), form);
    expect(await response.json()).toMatchObject({ response_action: 'update', view: { type: 'modal' } });
  });

  it('causes an empty menu', async () => {
    const { relay } = await start((response) => response.writeHead(500).end());
    const menu = await post(relay.url, interaction({ type: 'block_suggestion' }), form);
    expect(await menu.json()).toEqual({ options: [] });
  });

  it('may still respond while the server is stopping', async () => {
    let finish: () => void = () => undefined;
    const { upstream, relay } = await start((response) => {
      finish = () => response.end('done');
    });
    const answer = post(relay.url, commandForm(), form);
    await upstream.hasReceived(1);
    const stopped = relay.stop();
    finish();
    expect(await (await answer).text()).toBe('done');
    await stopped;
  });

  it('causes 503 for what no person reads, so that the sender can retry', async () => {
    const relay = await startTestServer({ relay: relayTo(`http://127.0.0.1:${await closedPort()}`) });
    expect((await post(relay.url, '{"type":"new_from_slack"}')).status).toBe(503);
  });
});

it('ends a long expiry and a long deletion early when it stops', async () => {
  const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
  const untilStopped = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  const expire = vi.spyOn(store.deliveries, 'expire').mockImplementation(async (_before, signal) => {
    await untilStopped(signal);
    return 0;
  });
  const prune = vi.spyOn(store, 'prune').mockImplementation((_times, signal) => untilStopped(signal));
  const relay = await startTestServer({ store, relay: relayTo(`http://127.0.0.1:${await closedPort()}`) });
  await expect.poll(() => [expire.mock.calls.length, prune.mock.calls.length]).toEqual([1, 1]);
  await relay.stop();
});

it('cuts off the deliveries in flight when the time to stop is up, and they go back into the queue', async () => {
  const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
  const log = createLog({
    format: 'json',
    level: 'warn',
    write: () => undefined,
    pen: new Chalk({ level: 0 }),
    now: Date.now,
  });
  const registry = new Registry();
  const upstream = await startUpstream(() => undefined);
  const relay = startRelay({
    ...relayTo(upstream.url),
    signingSecret,
    store,
    clock: new StoreClock({ store, now: Date.now, steadyNow: () => performance.now(), log, registry }),
    messenger: new Messenger('https://slack.com', new Agent(), log),
    isOverloaded: () => false,
    log,
    registry,
    now: Date.now,
  });
  const delivery = { 'content-type': 'application/json' };
  await store.recordEvent({
    eventId: 'Ev1',
    workspace: 'T1',
    type: 'x',
    body: Buffer.from('{}'),
    delivery,
  });
  await upstream.hasReceived(1);
  await relay.stopDelivering(0);
  // Otherwise it would have ended after 4 s, with "no response within 4 s".
  expect(await store.deliveries.list({ limit: 9 })).toMatchObject([
    {
      eventId: 'Ev1',
      state: 'waiting',
      attempts: 1,
      failure: 'connection failed (UND_ERR_DESTROYED)',
    },
  ]);
  await relay.close();
  await store.close();
});

describe('the OAuth redirect', () => {
  it('that has come through a relay before gets 508, and is not forwarded again', async () => {
    const { upstream, relay } = await start(undefined, { oauth: true });
    const response = await fetch(`${relay.url}/slack_oauth?code=a&state=b`, {
      headers: { Via: '1.1 spacelift-slack' },
    });
    expect(response.status).toBe(508);
    expect(upstream.received).toEqual([]);
  });

  it('is forwarded unchanged, and so is the response', async () => {
    const { upstream, relay } = await start(
      (response) =>
        response
          .writeHead(302, {
            Location: 'https://spacelift.internal.example/settings?slack=ok',
            'Set-Cookie': ['session=2; Secure', 'flash=done'],
          })
          .end(),
      { oauth: true, host: 'spacelift.internal.example' },
    );
    const query = 'code=1.2.3&state=a%2Bb+c&state=&x';
    const response = await fetch(`${relay.url}/slack_oauth?${query}`, {
      redirect: 'manual',
      headers: { Cookie: 'session=1; other=2', 'Accept-Language': 'de', Connection: 'close' },
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://spacelift.internal.example/settings?slack=ok');
    expect(response.headers.getSetCookie()).toEqual(['session=2; Secure', 'flash=done']);
    const [got] = upstream.received;
    expect(got?.path).toBe(`/slack_oauth?${query}`);
    expect(got?.headers).toMatchObject({
      host: ['spacelift.internal.example'],
      cookie: ['session=1; other=2'],
      'accept-language': ['de'],
      'x-forwarded-host': [`127.0.0.1:${relay.port}`],
    });
    expect((await fetch(`${relay.url}/slack_oauth/install`)).status).toBe(404);
    expect((await fetch(`${relay.url}/slack_oauth`, { method: 'POST' })).status).toBe(405);
    expect(await relay.logText()).not.toContain('1.2.3');
  });

  it('is forwarded without headers that a proxy or a framework might trust', async () => {
    const { upstream, relay } = await start(undefined, { oauth: true });
    await fetch(`${relay.url}/slack_oauth?code=1`, {
      headers: {
        'X-Original-URL': '/admin',
        'X-Rewrite-URL': '/admin',
        'X-Forwarded-User': 'root',
        'X-Forwarded-Prefix': '/x',
        'X-Forwarded-Port': '1',
        'X-Real-IP': '10.0.0.1',
        Forwarded: 'for=10.0.0.1',
        'X-HTTP-Method-Override': 'DELETE',
        Authorization: 'Bearer x',
        Cookie: 'session=1',
        Referer: 'https://slack.com/',
        'User-Agent': 'Mozilla/5.0',
        'Sec-Fetch-Site': 'cross-site',
        DNT: '1',
      },
    });
    const { 'x-request-id': _, ...headers } = upstream.received[0]?.headers ?? {};
    expect(headers).toEqual({
      host: [`127.0.0.1:${upstream.port}`],
      connection: ['keep-alive'],
      accept: ['*/*'],
      'accept-language': ['*'],
      'accept-encoding': [expect.any(String)],
      cookie: ['session=1'],
      referer: ['https://slack.com/'],
      'user-agent': ['Mozilla/5.0'],
      'sec-fetch-mode': ['cors'],
      'sec-fetch-site': ['cross-site'],
      dnt: ['1'],
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': [`127.0.0.1:${relay.port}`],
      via: ['1.1 spacelift-slack'],
    });
  });

  it('does not affect commands when it fails', async () => {
    const { relay } = await start(
      (response, { method }) => response.writeHead(method === 'GET' ? 503 : 200).end('taken'),
      { oauth: true },
    );
    for (let count = 0; count < 6; count++) await fetch(`${relay.url}/slack_oauth?code=1`);
    expect(await (await post(relay.url, commandForm(), form)).text()).toBe('taken');
    expect(await metric(relay, 'spacelift_slack_upstream_circuit_open')).toBe(0);
  });

  it('shows a page if Spacelift cannot be reached', async () => {
    const relay = await startTestServer({
      relay: relayTo(`http://127.0.0.1:${await closedPort()}`, { oauth: true }),
    });
    const response = await fetch(`${relay.url}/slack_oauth?code=1`);
    expect(response.status).toBe(502);
    const page = await response.text();
    expect(page).toContain('Spacelift cannot be reached');
    expect(page).toContain(`request ${response.headers.get('x-request-id')}`);
  });
});

describe('unverified clients', () => {
  const forged = (url: string, from: string) =>
    fetch(`${url}/webhooks/slack`, { method: 'POST', body: 'x', headers: { 'X-Forwarded-For': from } });

  it('are limited one by one; verified requests are never limited', async () => {
    const upstream = await startUpstream();
    const relay = await startTestServer({ relay: relayTo(upstream.url), trustedProxies: 'peer' });
    const statuses: number[] = [];
    for (let count = 0; count < 310; count++) {
      statuses.push((await forged(relay.url, `198.51.100.1, 2001:db8::${count.toString(16)}`)).status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(300);
    const limited = await forged(relay.url, '2001:db8::');
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await forged(relay.url, '2001:db8:0:1::1')).status).toBe(401);
    const body = commandForm();
    const verified = await fetch(`${relay.url}/webhooks/slack`, {
      method: 'POST',
      body,
      headers: { ...signedHeaders(body, form), 'X-Forwarded-For': '2001:db8::1' },
    });
    expect(verified.status).toBe(200);
    expect(upstream.received[0]?.headers['x-forwarded-for']).toEqual(['2001:db8::1']);
    await relay.stop();
    const summaries = (await relay.log()).filter(({ msg }) => msg === 'unverified requests not logged');
    expect(JSON.stringify(summaries)).toMatch(/"429":\d+/);
  });

  it('do not include clients whose requests only the upstream rejects', async () => {
    const { relay } = await start((response) => response.writeHead(401).end());
    const statuses = new Set<number>();
    for (let count = 0; count < 310; count++) statuses.add((await post(relay.url, 'probe=1', form)).status);
    expect([...statuses]).toEqual([401]);
  });

  it('cannot pretend another address unless a proxy is trusted', async () => {
    const { relay } = await start();
    for (let count = 0; count < 300; count++) await forged(relay.url, `192.0.2.${count % 250}`);
    expect((await forged(relay.url, '198.51.100.7')).status).toBe(429);
  });
});

describe('events', () => {
  it('are counted by the metrics, with the age of the oldest, from the first scrape', async () => {
    const { relay } = await start((response) => response.writeHead(503).end());
    await post(relay.url, eventBody('Ev1'));
    await expect
      .poll(() => metric(relay, 'spacelift_slack_queue_oldest_age_seconds'))
      .toBeGreaterThanOrEqual(0.02);
    relay.store.deliveries.lengths = () => Promise.reject(new Error('gone'));
    expect(await metric(relay, 'spacelift_slack_queue_oldest_age_seconds')).toBeNaN();
  });

  it('are acknowledged before delivery, and delivered in order within a workspace', async () => {
    const { upstream, relay } = await start((response) => response.writeHead(503).end());
    const ids = Array.from({ length: 12 }, (_, index) => `Ev${index}`);
    for (const id of ids) {
      expect(
        (await post(relay.url, eventBody(id, undefined, { team_id: `T${ids.indexOf(id) % 3}` }))).status,
      ).toBe(200);
    }
    expect(await metric(relay, 'spacelift_slack_queue_events{state="waiting"}')).toBe(12);
    expect(await metric(relay, 'spacelift_slack_queue_oldest_age_seconds')).toBeGreaterThan(0);
    expect((await fetch(`${relay.adminUrl}/readyz`)).status).toBe(200);
    const delivered: { team: string; id: string }[] = [];
    upstream.respond = (response, { body, signatureIsValid }) => {
      const event = JSON.parse(String(body));
      expect(signatureIsValid).toBe(true);
      delivered.push({ team: event.team_id, id: event.event_id });
      response.end();
    };
    await expect.poll(() => delivered.length).toBe(12);
    for (const team of ['T0', 'T1', 'T2']) {
      const order = delivered.filter((event) => event.team === team).map(({ id }) => Number(id.slice(2)));
      expect(order).toEqual([...order].sort((one, other) => one - other));
    }
    await expect.poll(() => metric(relay, 'spacelift_slack_queue_events{state="waiting"}')).toBe(0);
    expect((await post(relay.url, eventBody('Ev0', undefined, { team_id: 'T0' }))).status).toBe(200);
    expect(delivered).toHaveLength(12);
  });

  it('that are duplicates or could not be stored do not wake the deliverer', async () => {
    const { relay } = await start();
    await post(relay.url, eventBody('Ev1'));
    await expect.poll(async () => (await relay.store.deliveries.lengths()).waiting).toBe(0);
    const { store } = relay;
    const started = performance.now();
    let looks = 0;
    const claim = store.deliveries.claim.bind(store.deliveries);
    store.deliveries.claim = (...args) => {
      looks += 1;
      return claim(...args);
    };
    for (let count = 0; count < 5; count++)
      expect((await post(relay.url, eventBody('Ev1'))).status).toBe(200);
    store.recordEvent = () => Promise.reject(new Error('gone'));
    for (let count = 0; count < 5; count++)
      expect((await post(relay.url, eventBody('Ev2'))).status).toBe(503);
    // The deliverer polls once a second, and once more after the delivery of the first event.
    expect(looks).toBeLessThanOrEqual(2 + (performance.now() - started) / 1000);
  });

  it('have the signature of Slack at first, and a new one later', async () => {
    const { upstream, relay } = await start((response, { headers }) => {
      const first = headers['x-slack-request-timestamp']?.[0] === timestamp;
      response.writeHead(first ? 500 : 200).end();
    });
    const timestamp = String(Math.floor(Date.now() / 1000) - 30);
    const body = eventBody('Ev1');
    await post(relay.url, body, { at: Number(timestamp) });
    await upstream.hasReceived(2);
    const [first, second] = upstream.received;
    expect(first?.headers['x-slack-request-timestamp']).toEqual([timestamp]);
    expect(Number(second?.headers['x-slack-request-timestamp'])).toBeGreaterThan(Number(timestamp) + 29);
    expect(second?.signatureIsValid).toBe(true);
    expect(second?.body.equals(Buffer.from(body))).toBe(true);
    expect(second?.headers['content-type']).toEqual(['application/json']);
  });

  it('that are nearly too old for the upstream have a new signature at once', async () => {
    const { upstream, relay } = await start();
    const timestamp = Math.floor(Date.now() / 1000) - 290;
    await post(relay.url, eventBody('Ev1'), { at: timestamp });
    await upstream.hasReceived(1);
    expect(Number(upstream.received[0]?.headers['x-slack-request-timestamp'])).toBeGreaterThan(timestamp);
    expect(upstream.received[0]?.signatureIsValid).toBe(true);
  });

  it('wait while a login page responds in place of Spacelift', async () => {
    const { upstream, relay } = await start((response) =>
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<title>Sign in</title>'),
    );
    await post(relay.url, eventBody('Ev1'));
    await expect
      .poll(() => relay.store.deliveries.list({ limit: 9 }))
      .toEqual([
        expect.objectContaining({
          eventId: 'Ev1',
          state: 'waiting',
          failure: expect.stringContaining('HTTP 200 with an HTML page'),
        }),
      ]);
    upstream.respond = (response) => response.end();
    await expect.poll(() => relay.store.deliveries.list({ limit: 9 })).toEqual([]);
  });

  it('are set aside after --retain, and deleted seven days later', async () => {
    const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
    const expire = vi.spyOn(store.deliveries, 'expire');
    const now = 1_800_000_000_000;
    vi.spyOn(store, 'readClock').mockResolvedValue(now);
    await startTestServer({
      store,
      relay: relayTo(`http://127.0.0.1:${await closedPort()}`, { retain: 5_000 }),
    });
    const before = { waiting: now - 5_000, setAside: now - 7 * 24 * 3_600_000 };
    await expect.poll(() => expire.mock.calls.map(([times]) => times)).toEqual([before]);
  });

  it('that wait longer than --retain are set aside', async () => {
    const relay = await startTestServer({
      relay: relayTo(`http://127.0.0.1:${await closedPort()}`, { retain: 1 }),
    });
    await post(relay.url, eventBody('Ev1'));
    const { deliveries } = relay.store;
    expect(await deliveries.expire({ waiting: Date.now() + 1000, setAside: 0 })).toBe(1);
    expect(await metric(relay, 'spacelift_slack_queue_events{state="set-aside"}')).toBe(1);
  });

  it('that the upstream rejects ten times are set aside, and the others are delivered', async () => {
    const file = join(await temporaryFolder(), 'serve.db');
    const upstream = await startUpstream((response, { body }) =>
      response.writeHead(String(body).includes('"Poison"') ? 400 : 200).end(),
    );
    const open = async () =>
      startTestServer({ relay: relayTo(upstream.url), store: await openSqliteStore(file, undefined) });
    const first = await open();
    await post(first.url, eventBody('Poison'));
    await post(first.url, eventBody('Ev2'));
    await upstream.hasReceived(2);
    await first.stop();
    expect(upstream.received.some(({ body }) => String(body).includes('"Ev2"'))).toBe(false);
    const database = new Libsql(file);
    database.exec('update deliveries set rejections = 9 where attempts > 0');
    database.close();
    const second = await open();
    await expect.poll(() => upstream.received.some(({ body }) => String(body).includes('"Ev2"'))).toBe(true);
    await expect
      .poll(() => second.store.deliveries.list({ limit: 9 }))
      .toEqual([expect.objectContaining({ eventId: 'Poison', state: 'set-aside', failure: 'HTTP 400' })]);
    expect(await second.logText()).toContain('event set aside');
  });

  it('get 503 beyond --queue-limit, with one line in the log, and are stored once there is room', async () => {
    const { upstream, relay } = await start((response) => response.writeHead(503).end(), {
      queueLimit: { events: 2, bytes: 2 ** 20 },
    });
    const statuses: number[] = [];
    for (const id of ['Ev1', 'Ev2', 'Ev3', 'Ev1', 'Ev4'])
      statuses.push((await post(relay.url, eventBody(id))).status);
    expect(statuses).toEqual([200, 200, 503, 200, 503]);
    expect(await metric(relay, 'spacelift_slack_queue_limit_ratio')).toBe(1);
    expect(await metric(relay, 'spacelift_slack_queue_bytes')).toBeGreaterThan(100);
    expect((await fetch(`${relay.adminUrl}/readyz`)).status).toBe(200);
    const lines = await relay.log();
    expect(lines.filter(({ outcome }) => outcome === 'queue-full')).toHaveLength(2);
    expect(lines.filter(({ msg }) => String(msg).startsWith('the queue is full'))).toHaveLength(1);
    upstream.respond = (response) => response.end();
    await expect.poll(() => metric(relay, 'spacelift_slack_queue_limit_ratio')).toBe(0);
    expect((await post(relay.url, eventBody('Ev3'))).status).toBe(200);
  });

  it('in flight when the server stops are delivered by the next one', async () => {
    const file = join(await temporaryFolder(), 'serve.db');
    const upstream = await startUpstream(() => undefined);
    const open = async () =>
      startTestServer({ relay: relayTo(upstream.url), store: await openSqliteStore(file, undefined) });
    const first = await open();
    await post(first.url, eventBody('Ev1'));
    await upstream.hasReceived(1);
    await first.stop();
    upstream.respond = (response) => response.end();
    const second = await open();
    await upstream.hasReceived(2);
    await expect.poll(async () => (await second.store.deliveries.lengths()).waiting).toBe(0);
  });
});

async function metric({ adminUrl }: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}
