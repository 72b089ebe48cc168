import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { connect, Server } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectionLimits } from '../../../src/server/http/connection-limits.ts';
import { Overload } from '../../../src/server/http/overload.ts';
import type { ServerSettings } from '../../../src/server/server.ts';
import { exchangeRaw } from '../../support/raw-http.ts';
import { eventBody, signedHeaders, startTestServer } from '../../support/serve.ts';

/** A server, and the two node:http servers in it. */
async function startWithSight() {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const server = await startTestServer();
  const behind = listening.mock.contexts.filter((each) => each instanceof HttpServer);
  listening.mockRestore();
  return { ...server, behind };
}

/** Resolves when a server of this process has read the head of its next request. */
function requestBegun(): Promise<void> {
  return new Promise((resolve) => {
    const channel = 'http.server.request.start';
    const note = () => {
      unsubscribe(channel, note);
      resolve();
    };
    subscribe(channel, note);
  });
}

it.each(['/', '/webhooks/slack', '/slack_oauth/install'])(
  'forbids browsers to guess the media type of %s',
  async (path) => {
    const { url } = await startTestServer();
    const response = await fetch(url + path, { redirect: 'manual' });
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  },
);

it('survives connections that cannot be accepted, and logs them in one line', async () => {
  const { url, log, behind, stop } = await startWithSight();
  // Node emits this if accept() fails.
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  for (const server of [...behind, ...behind]) server.emit('error', failure);
  expect((await fetch(url)).status).toBe(404);
  await stop();
  const lines = (await log()).filter(({ msg }) => msg === 'connections not accepted');
  expect(lines).toMatchObject([{ level: 'error', count: 4, error: { code: 'EMFILE' } }]);
});

it('closes connections after the response while there are very many', async () => {
  const descriptorLimit = 256;
  const { kept } = connectionLimits(descriptorLimit).open;
  const { port } = await startTestServer({ descriptorLimit, trustedProxies: 'peer' });
  const ask = async () => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: spacelift.example.com\r\n\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer);
  };
  const answers = await Promise.all(Array.from({ length: kept }, ask));
  expect(answers.filter((answer) => answer.includes('Connection: keep-alive'))).toHaveLength(kept);
  expect(await ask()).toContain('Connection: close');
  expect(await ask()).toContain('Connection: close');
});

it('responds to a request that was under way on an idle connection when it stopped, and then closes it', async () => {
  const { port, stop } = await startTestServer();
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (data) => {
    received += data;
  });
  const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(request);
  await expect.poll(() => received).toContain('Connection: keep-alive');
  received = '';
  const { close } = Server.prototype;
  const closing = vi.spyOn(Server.prototype, 'close').mockImplementationOnce(function (this: Server, done) {
    socket.write(request);
    return close.call(this, done);
  });
  onTestFinished(() => closing.mockRestore());
  await Promise.all([stop(), once(socket, 'close')]);
  expect(received).toMatch(/^HTTP\/1.1 404 [\s\S]*\r\nConnection: close\r\n/);
});

it('disconnects a client that sends requests and never reads a response', async () => {
  const { port, log, behind } = await startWithSight();
  for (const server of behind) {
    // Longer than the slowest response: an installation that waits for Slack, and for the store twice.
    expect(server.timeout).toBe(30_000);
    server.timeout = 200;
  }
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const requests = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000);
  await expect
    .poll(() => {
      // The client does not read, so that the server stops reading too.
      if (socket.writableLength === 0) socket.write(requests);
      return socket.closed;
    })
    .toBe(true);
  // Not because of an incomplete request, which has a time limit of its own.
  const lines = (await log()).filter(({ msg }) => msg === 'request');
  expect(lines.filter(({ status }) => status !== 404)).toEqual([]);
});

it('sends nothing after the 503 for an overload if the body that follows it is malformed', async () => {
  const { port, log } = await startTestServer({ shedsLoad: true });
  const refusing = vi.spyOn(Overload.prototype, 'refuses').mockReturnValue(true);
  onTestFinished(() => refusing.mockRestore());
  const head = 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  expect(await exchangeRaw(port, [`${head}zz\r\n`])).toEqual([503]);
  expect((await log()).filter(({ msg }) => msg === 'request')).toEqual([]);
});

it('disconnects an idle client that sent CONNECT after its request', async () => {
  const { port, store, behind } = await startWithSight();
  for (const server of behind) server.timeout = 200;
  // Without the disconnection there would be a response after 2.5 s.
  store.recordEvent = () => new Promise(() => undefined);
  const body = eventBody('Ev1');
  const head = Object.entries(signedHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  const event = `POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n${head.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
  expect(await exchangeRaw(port, [event, 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'])).toEqual([]);
});

it.each([
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['an expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: y\r\nConnection: close\r\n\r\n', 404],
])('logs a request that Node itself would reject: %s', async (_name, request, status) => {
  const { port, log } = await startTestServer();
  expect(await exchangeRaw(port, [request])).toEqual([status]);
  expect(await log()).toMatchObject([{ level: 'warn', status, client: '127.0.0.1' }]);
});

describe('the client in the log', () => {
  const forwarded = '\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n';
  const signed = (body: string, type: string) =>
    Object.entries(signedHeaders(body, { type })).map(([name, value]) => `${name}: ${value}\r\n`);
  const webhook = (body: string, type: string) =>
    `POST /webhooks/slack HTTP/1.1${forwarded}${signed(body, type).join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
  const trusting: Partial<ServerSettings> = { trustedProxies: 'peer' };

  it.each([
    ['no JSON', webhook('{', 'application/json'), 400],
    ['no signature', `POST /webhooks/slack HTTP/1.1${forwarded}Content-Length: 0\r\n\r\n`, 401],
    ['another path', `GET / HTTP/1.1${forwarded}\r\n`, 404],
    ['a tunnel', `CONNECT x:1 HTTP/1.1${forwarded}\r\n`, 404],
    ['another method', `GET /webhooks/slack HTTP/1.1${forwarded}\r\n`, 405],
    ['too much', `POST /webhooks/slack HTTP/1.1${forwarded}Content-Length: 1048577\r\n\r\n`, 413],
    ['another media type', webhook('<a/>', 'text/xml'), 415],
  ])('is the forwarded address for %s', async (_name, request, status) => {
    const { port, log } = await startTestServer(trusting);
    expect(await exchangeRaw(port, [request])).toEqual([status]);
    expect(await log()).toMatchObject([{ level: 'warn', status, client: '192.0.2.7' }]);
  });

  it('is the peer of the connection if no headers can be read', async () => {
    const { port, log } = await startTestServer(trusting);
    expect(await exchangeRaw(port, ['hello\r\n\r\n'])).toEqual([400]);
    expect(await log()).toMatchObject([
      { kind: 'malformed', reason: 'not valid HTTP (HPE_INVALID_METHOD)', status: 400, client: '127.0.0.1' },
    ]);
  });

  it.each([
    [
      'ends in the middle',
      'Content-Length: 9\r\n\r\nab',
      'the client ended the connection within the request',
    ],
    [
      'breaks off HTTP',
      'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
      'not valid HTTP (HPE_INVALID_CHUNK_SIZE)',
    ],
  ])('is the forwarded address, on one line, for a body that %s', async (_name, body, reason) => {
    const { port, log } = await startTestServer(trusting);
    const socket = connect({ port, host: '127.0.0.1' });
    socket.end(`POST /webhooks/slack HTTP/1.1${forwarded}${body}`);
    expect(String(await socket.toArray())).toMatch(/^HTTP\/1.1 400 /);
    const line = {
      kind: 'slack',
      what: 'POST /webhooks/slack',
      outcome: 'invalid-request',
      reason,
      status: 400,
    };
    await expect.poll(log).toMatchObject([{ ...line, client: '192.0.2.7' }]);
  });

  it('is logged for a client that leaves, but not for a successful request', async () => {
    const { port, log } = await startTestServer(trusting);
    await exchangeRaw(port, [webhook('{}', 'application/json')]);
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const begun = requestBegun();
    socket.write(`POST /webhooks/slack HTTP/1.1${forwarded}Content-Length: 9\r\n\r\n`);
    await begun;
    socket.resetAndDestroy();
    await expect.poll(async () => (await log()).length).toBe(2);
    const [well, left] = await log();
    expect(well).toMatchObject({ status: 200 });
    expect(well).not.toHaveProperty('client');
    expect(left).toMatchObject({
      status: 0,
      what: 'POST /webhooks/slack',
      outcome: 'client-gone',
      client: '192.0.2.7',
    });
  });
});
