import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CircuitBreaker } from '../../../src/server/relay/circuit-breaker.ts';
import { Upstream } from '../../../src/server/relay/upstream.ts';
import { tcpServer } from '../../support/tls-server.ts';
import { startUpstream } from '../../support/upstream.ts';

/** An upstream behind a circuit breaker that never opens, or opens for a minute after some failures. */
function connectTo(url: string, failures = Number.POSITIVE_INFINITY, onOpened = () => {}): Upstream {
  const breaker = new CircuitBreaker({
    failures,
    openMs: 60_000,
    now: () => 0,
    onOpened,
    onClosed: () => {},
  });
  const upstream = new Upstream({ origin: url, host: undefined, ca: undefined, breaker, now: () => 7 });
  onTestFinished(() => upstream.close());
  return upstream;
}

function send(upstream: Upstream, { path = '/', timeLimit = 10_000 } = {}) {
  const body = Buffer.from('text=help');
  return upstream.send({ method: 'POST', path, headers: {}, body, timeLimit, sender: 'T1/U1' });
}

/** Sends one request to a server that responds with these bytes, and closes its half of the connection if `ends`. */
async function receive(bytes: string, { ends = false } = {}) {
  const port = await tcpServer((socket) =>
    socket.on('data', () => {
      if (ends) socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
    }),
  );
  return send(connectTo(`http://127.0.0.1:${port}`));
}

it.each([
  ['an expectation, which undici does not support', { expect: '100-continue' }],
  ['a header that cannot be sent', { 'x-odd': 'a\u0000b' }],
])('stays available after a request that cannot be sent: %s', async (_name, headers) => {
  const { url, received } = await startUpstream((response) => response.end('taken'));
  const upstream = connectTo(url, 2);
  const ask = (more: Record<string, string>) =>
    upstream.send({ method: 'GET', path: '/', headers: more, timeLimit: 2_000, sender: 'T1/U1' });
  for (let count = 0; count < 3; count++) {
    expect(await ask(headers)).toMatchObject({ kind: 'failure', reason: 'unreachable' });
  }
  expect(received).toEqual([]);
  expect(upstream.state).toEqual({ circuitOpenMs: undefined, lastFailure: undefined });
  expect(await ask({})).toMatchObject({ kind: 'response', status: 200 });
});

it.each([
  ['no response in time', () => undefined],
  ['a gateway timeout', (response: ServerResponse) => response.writeHead(504).end()],
])('opens the circuit for %s only if five senders wait for it, not one', async (_name, respond) => {
  const { url } = await startUpstream(respond);
  const upstream = connectTo(url, 5);
  const ask = (senders: readonly string[]) =>
    Promise.all(
      senders.map((sender) =>
        upstream.send({ method: 'POST', path: '/', headers: {}, timeLimit: 50, sender }),
      ),
    );
  await ask(Array.from({ length: 20 }, () => 'T1/U1'));
  expect(upstream.isCircuitOpen).toBe(false);
  await ask(['T1/U2', 'T1/U3', 'T1/U4', 'T1/U5']);
  expect(upstream.isCircuitOpen).toBe(true);
});

it.each([
  [
    'informational responses before it',
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok',
  ],
  [
    'trailers after it',
    'HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nx-sum: 1\r\n\r\n',
  ],
])('returns the final response without %s', async (_name, bytes) => {
  expect(await receive(bytes)).toEqual({
    kind: 'response',
    status: 200,
    headers: { 'x-a': 'b' },
    body: Buffer.from('ok'),
  });
});

it('returns a response that ends with the connection', async () => {
  const response = await receive('HTTP/1.1 200 OK\r\n\r\nok', { ends: true });
  expect(response).toMatchObject({ status: 200, body: Buffer.from('ok') });
});

const notValid = (reason: string) => `the response is not valid HTTP: ${reason}`;

it.each([
  ['a status below 100', 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n', notValid('status 99')],
  ['a status above 599', 'HTTP/1.1 600 Odd\r\ncontent-length: 0\r\n\r\n', notValid('status 600')],
  ['a status that is no number', 'HTTP/1.1 abc Odd\r\n\r\n', notValid('invalid status code')],
  [
    'another protocol',
    'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
    notValid('a change of protocol that was not requested'),
  ],
  [
    '100 Continue, which nothing asked for',
    'HTTP/1.1 100 Continue\r\n\r\n',
    notValid('100 Continue, which was not requested'),
  ],
  ['headers over the limit', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(33 * 1024)}\r\n\r\n`, /too large/],
  [
    'two lengths',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok',
    notValid('its headers contradict each other about its length'),
  ],
  [
    'a length although it is chunked',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    notValid('its headers contradict each other about its length'),
  ],
  [
    'a length that is no number',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
    notValid('invalid character in Content-Length'),
  ],
  [
    'a length although its status has no body',
    'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok',
    notValid('status 204, which has no body, with a Content-Length'),
  ],
  [
    'a chunk without a size',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nok',
    notValid('invalid character in chunk size'),
  ],
  ['the banner of another protocol', '220 mail.example.com ESMTP\r\n', /^the response is not HTTP$/],
])('reports a response with %s as incomplete', async (_name, bytes, detail) => {
  expect(await receive(bytes)).toEqual({
    kind: 'failure',
    reason: 'incomplete',
    detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
  });
});

it.each([
  ['in its headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ['in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'],
  ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok'],
  ['in its last body', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nok'],
  ['in its last chunk', 'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok'],
])('reports a response that ends %s as incomplete', async (_name, bytes) => {
  expect(await receive(bytes, { ends: true })).toEqual({
    kind: 'failure',
    reason: 'incomplete',
    detail: 'the connection was closed before a complete response',
  });
});

it.each([
  ['before its response', ''],
  ['within its response', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'],
])('reports a connection that is reset %s as incomplete', async (_name, bytes) => {
  const port = await tcpServer((socket) =>
    socket.on('data', () => {
      if (bytes === '') socket.resetAndDestroy();
      else socket.write(bytes, () => socket.resetAndDestroy());
    }),
  );
  expect(await send(connectTo(`http://127.0.0.1:${port}`))).toEqual({
    kind: 'failure',
    reason: 'incomplete',
    detail: 'the connection was closed before a complete response',
  });
});

it('closes the connection of a response that is too large, and does not read the rest', async () => {
  let connection: Socket | undefined;
  const port = await tcpServer((socket) => {
    // undici opens another one at once, for the next request.
    connection ??= socket;
    const fill = () => {
      while (socket.write(Buffer.alloc(64 * 1024)));
    };
    socket.on('drain', fill);
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      fill();
    });
  });
  expect(await send(connectTo(`http://127.0.0.1:${port}`))).toEqual({
    kind: 'failure',
    reason: 'incomplete',
    detail: 'a response over 1048576 bytes',
  });
  await expect.poll(() => connection?.closed).toBe(true);
});

it.each([
  ['no response', ''],
  ['a response without an end', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'],
])('closes the connection when the time is up: %s', async (_name, bytes) => {
  let connection: Socket | undefined;
  const port = await tcpServer((socket) => {
    // undici opens another one at once, for the next request.
    connection ??= socket;
    socket.on('data', () => socket.write(bytes));
  });
  expect(await send(connectTo(`http://127.0.0.1:${port}`), { timeLimit: 50 })).toEqual({
    kind: 'failure',
    reason: 'late',
    detail: 'no response within 0.05 s',
  });
  await expect.poll(() => connection?.closed).toBe(true);
});

it('opens a new connection after the upstream has closed one that was kept open', async () => {
  const connections: Socket[] = [];
  const port = await tcpServer((socket) => {
    connections.push(socket);
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  const upstream = connectTo(`http://127.0.0.1:${port}`);
  for (let count = 1; count <= 2; count++) {
    expect(await send(upstream)).toMatchObject({ status: 200, body: Buffer.from('ok') });
    await expect.poll(() => connections.map(({ closed }) => closed)).toEqual(Array(count).fill(true));
  }
});

it('does not send a request whose time was up while it waited for a connection', async () => {
  const held: ServerResponse[] = [];
  const { url, received } = await startUpstream((response, { path }) => {
    if (path === '/held') held.push(response);
    else response.end();
  });
  const upstream = connectTo(url);
  const holding = Array.from({ length: 128 }, () => send(upstream, { path: '/held' }));
  await expect.poll(() => held.length).toBe(128);
  expect(await send(upstream, { path: '/late', timeLimit: 50 })).toMatchObject({ reason: 'late' });
  for (const response of held) response.end();
  expect(await Promise.all(holding)).toEqual(Array(128).fill(expect.objectContaining({ status: 200 })));
  expect(await send(upstream, { path: '/after' })).toMatchObject({ status: 200 });
  expect(new Set(received.map(({ path }) => path))).toEqual(new Set(['/held', '/after']));
});

it('fails requests in flight and in the queue when it is closed, which does not open the circuit', async () => {
  const { url, hasReceived } = await startUpstream(() => undefined);
  const onOpened = vi.fn();
  const upstream = connectTo(url, 5, onOpened);
  const sending = Array.from({ length: 129 }, () => send(upstream));
  await hasReceived(128);
  await upstream.close();
  const failure = { kind: 'failure', detail: 'connection failed (UND_ERR_DESTROYED)' };
  expect(await Promise.all(sending)).toEqual(Array(129).fill(expect.objectContaining(failure)));
  expect(onOpened).not.toHaveBeenCalled();
});

it.each([
  ['a status that is no success', (response: ServerResponse) => response.writeHead(500).end(), 'HTTP 500'],
  ['a closed connection', (response: ServerResponse) => response.destroy(), /closed/],
])('remembers the last failure and its time: %s', async (_name, respond, reason) => {
  const server = await startUpstream(respond);
  const upstream = connectTo(server.url);
  await send(upstream);
  const lastFailure = { at: 7, reason: expect.stringMatching(reason) };
  expect(upstream.state).toEqual({ circuitOpenMs: undefined, lastFailure });
  server.respond = (response) => response.end();
  await send(upstream);
  expect(upstream.state).toEqual({ circuitOpenMs: undefined, lastFailure });
});
