import { get } from 'node:https';
import { fetch, Pool } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type ConnectionFailure,
  classifyFailure,
  describeFailureAt,
  neverConnected,
} from '../../src/net/connection-failure.ts';
import { proxyAgent } from '../../src/net/proxy-agent.ts';
import { createAuthority } from '../support/certificate-authority.ts';
import { startRefusingProxy } from '../support/refusing-proxy.ts';
import { closedPort, httpsServer, tcpServer } from '../support/tls-server.ts';

const authority = await createAuthority();

/** What Node's own https says of a server on this machine. */
function byNode(port: number, host = 'localhost'): Promise<unknown> {
  return new Promise((resolve) => {
    get({ host, port, ca: authority.root, agent: false }, (response) => {
      response
        .on('error', resolve)
        .on('end', () => resolve(undefined))
        .resume();
    }).on('error', resolve);
  });
}

/** What undici says of it. */
async function byUndici(port: number, host = 'localhost'): Promise<unknown> {
  const pool = new Pool(`https://${host}:${port}`, {
    connect: { ca: authority.root },
    headersTimeout: 200,
    bodyTimeout: 200,
  });
  onTestFinished(() => pool.destroy());
  try {
    const response = await pool.request({ method: 'GET', path: '/' });
    await response.body.text();
    return undefined;
  } catch (error) {
    return error;
  }
}

const withCertificate =
  (options: Parameters<typeof authority.issue>[0], server: Parameters<typeof httpsServer>[2] = {}) =>
  async () =>
    httpsServer(await authority.issue(options), (_, response) => response.end(), server);

const localhost = { names: ['localhost'] };

interface Case {
  readonly name: string;
  readonly serve: () => Promise<number>;
  readonly failure: ConnectionFailure | { readonly kind: string };
  readonly reports: RegExp;
  readonly sent: boolean;
}

const cases: readonly Case[] = [
  {
    name: 'a closed port',
    serve: closedPort,
    failure: { kind: 'refused' },
    reports: /^cannot connect to there: connection refused$/,
    sent: false,
  },
  {
    name: 'a server that closes at once',
    serve: () => tcpServer((socket) => socket.resetAndDestroy()),
    failure: { kind: 'reset' },
    reports: /^connected to there, but the connection was closed before a complete response$/,
    sent: true,
  },
  {
    name: 'a server that closes in the middle of a response',
    serve: async () =>
      httpsServer(await authority.issue(localhost), (_, response) => {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('half', () => response.destroy());
      }),
    failure: { kind: 'reset' },
    reports: /^connected to there, but the connection was closed/,
    sent: true,
  },
  {
    name: 'plain HTTP where TLS is expected',
    serve: () => tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    failure: { kind: 'not-tls' },
    reports: /^cannot connect to there: the server does not speak TLS on this port$/,
    sent: false,
  },
  {
    name: 'another protocol behind TLS',
    serve: async () => {
      const { createServer } = await import('node:tls');
      const identity = await authority.issue(localhost);
      const inner = createServer({ key: identity.key, cert: identity.fullChain }, (socket) => {
        socket.on('error', () => undefined).end('220 mail.example.com ESMTP\r\n');
      });
      return tcpServer((socket) => inner.emit('connection', socket));
    },
    failure: { kind: 'not-http' },
    reports: /^connected to there, but the response is not HTTP$/,
    sent: true,
  },
  {
    name: 'a response with a space in the name of a header',
    serve: async () =>
      httpsServer(await authority.issue(localhost), (_, { socket }) => {
        socket?.end('HTTP/1.1 200 OK\r\nx a: b\r\n\r\n');
      }),
    failure: { kind: 'not-http', reason: 'invalid header token' },
    reports: /^connected to there, but the response is not valid HTTP: invalid header token$/,
    sent: true,
  },
  {
    name: 'headers beyond the limit',
    serve: async () =>
      httpsServer(await authority.issue(localhost), (_, response) => {
        response.setHeader('X-Large', 'x'.repeat(40_000)).end();
      }),
    failure: { kind: 'headers-too-large' },
    reports: /response headers are too large$/,
    sent: true,
  },
  {
    name: 'an expired certificate',
    serve: withCertificate({ ...localhost, from: -90, until: -2 }),
    failure: { kind: 'certificate', problem: 'expired', code: 'CERT_HAS_EXPIRED' },
    reports: /the certificate has expired \(CERT_HAS_EXPIRED\)$/,
    sent: false,
  },
  {
    name: 'a certificate of tomorrow',
    serve: withCertificate({ ...localhost, from: 1 }),
    failure: { kind: 'certificate', problem: 'not-yet-valid', code: 'CERT_NOT_YET_VALID' },
    reports: /the certificate is not valid yet \(CERT_NOT_YET_VALID\)$/,
    sent: false,
  },
  {
    name: 'a certificate for another name',
    serve: withCertificate({ names: ['other.example'] }),
    failure: { kind: 'certificate', problem: 'wrong-name', code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    reports: /the certificate is for another host name/,
    sent: false,
  },
  {
    name: 'a self-signed certificate',
    serve: withCertificate({ ...localhost, signedBy: 'itself' }),
    failure: { kind: 'certificate', problem: 'untrusted', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    reports: /the certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    sent: false,
  },
  {
    name: 'mutual TLS over TLS 1.3',
    serve: withCertificate(localhost, { requestCert: true, rejectUnauthorized: true }),
    failure: { kind: 'mutual-tls' },
    reports: /requires a client certificate \(mutual TLS\)$/,
    sent: false,
  },
  {
    name: 'mutual TLS over TLS 1.2',
    serve: withCertificate(localhost, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
    failure: { kind: 'handshake-rejected' },
    reports: /rejected the TLS handshake .* or it requires a client certificate/,
    sent: false,
  },
  {
    name: 'TLS 1.1 alone',
    serve: withCertificate(localhost, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),
    failure: { kind: 'tls' },
    reports: /^cannot connect to there: TLS handshake failed \(ERR_SSL_[A-Z0-9_]+\)$/,
    sent: false,
  },
];

// undici reads the end of the connection before the alert that TLS 1.3 sends after the handshake.
const withoutAlert = cases.filter(({ failure }) => failure.kind !== 'mutual-tls');

describe.each([
  ['Node', byNode, cases],
  ['undici', byUndici, withoutAlert],
])('an error of %s', (_, connect, known) => {
  it.each(known)('is classified for $name', async ({ serve, failure, reports, sent }) => {
    const found = classifyFailure(await connect(await serve()));
    expect(found).toMatchObject(failure);
    if (!found) return;
    expect(describeFailureAt('there', found)).toMatch(reports);
    expect(neverConnected(found)).toBe(!sent);
  });

  it('is classified for a name that does not resolve', async () => {
    const found = classifyFailure(await connect(443, 'no-such-host.invalid'));
    expect(found?.kind).toMatch(/^(name-not-found|lookup-failed)$/);
    expect(found && neverConnected(found)).toBe(true);
  });
});

it('recognises a response that is late', async () => {
  const port = await httpsServer(await authority.issue(localhost), () => undefined);
  const found = classifyFailure(await byUndici(port));
  expect(found).toEqual({ kind: 'timed-out', stage: 'response', seconds: undefined });
  expect(found && neverConnected(found)).toBe(false);
  expect(found && describeFailureAt('there', found)).toBe('connected to there, but no response in time');
});

it('recognises a proxy that opened no tunnel, and returns its status', async () => {
  const { address } = await startRefusingProxy();
  const dispatcher = proxyAgent({ HTTPS_PROXY: `http://${address}` });
  const error: unknown = await fetch('https://slack.com/', { dispatcher }).catch((cause: unknown) => cause);
  const found = classifyFailure(error);
  expect(found).toEqual({ kind: 'proxy-refused', status: 502 });
  expect(found && neverConnected(found)).toBe(true);
  expect(found && describeFailureAt('slack.com', found)).toBe(
    'cannot connect to slack.com: the proxy refused the connection (HTTP 502)',
  );
});

it('classifies an error on an established connection as a closed connection', () => {
  const late = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' });
  expect(classifyFailure(late)).toEqual({ kind: 'reset' });
});

it('does not classify an error that has nothing to do with a connection', () => {
  expect(classifyFailure(new TypeError('undefined is not a function'))).toBeUndefined();
  expect(classifyFailure('text')).toBeUndefined();
});
