import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { parseDomain } from '../domain.ts';
import {
  type CertificateProblem,
  type ConnectionFailure,
  classifyFailure,
  describeFailureAt,
  type Stage,
} from '../net/connection-failure.ts';
import { UserError } from '../user-error.ts';

/** How much of a response body is read, in bytes. Slack needs far less. */
const bodyLimit = 64 * 1024;

export interface Outgoing {
  readonly url: URL;
  /** Where to connect instead of the URL's host and port; SNI and Host still name the URL's host. */
  readonly address?: HostAndPort | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** PEM certificates to trust in addition to the public roots. */
  readonly ca: readonly string[];
  /** The limit for the whole response, in milliseconds. */
  readonly timeoutMs: number;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface EndpointResponse {
  readonly status: number;
  readonly contentType: string;
  /** The target of a redirect, which is never followed. */
  readonly location: string | undefined;
  readonly body: string;
  /** Whether the body was longer than what was read. */
  readonly cut: boolean;
  /** From the start of name resolution to the last byte read. */
  readonly milliseconds: number;
}

/**
 * Sends a request once, as Slack would: only public roots are trusted, and no redirect is followed.
 *
 * @returns `late` if a connection was established and the response was not complete in time
 * @throws UserError `endpoint-unreachable` if there was no connection, or it was closed early
 */
export function sendRequest({
  url,
  address,
  headers,
  body,
  ca,
  timeoutMs,
}: Outgoing): Promise<EndpointResponse | 'late'> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let stage: Stage = 'connection';
    const fail = (error: Error) => {
      clearTimeout(timer);
      const failure = classifyFailure(error);
      reject(failure ? unreachable(url, address, failure, error) : error);
    };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(
      url,
      {
        method: 'POST',
        // Node uses `Host` for SNI and to check the certificate.
        headers: { ...headers, Host: url.host },
        agent: false,
        ca: [...rootCertificates, ...ca],
        ...(address && { hostname: address.host, port: address.port }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let length = 0;
        const finish = (cut: boolean) => {
          clearTimeout(timer);
          resolve({
            status: incoming.statusCode ?? 0,
            contentType: incoming.headers['content-type'] ?? '',
            location: incoming.headers.location,
            body: Buffer.concat(chunks).subarray(0, bodyLimit).toString('utf8'),
            cut,
            milliseconds: Math.round(performance.now() - start),
          });
          outgoing.destroy();
        };
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.byteLength;
          if (length > bodyLimit) finish(true);
        });
        incoming.on('end', () => finish(false));
        incoming.on('error', fail);
      },
    );
    const timer = setTimeout(() => {
      if (stage === 'response') resolve('late');
      else
        reject(unreachable(url, address, { kind: 'timed-out', stage, seconds: timeoutMs / 1000 }, undefined));
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on('socket', (socket) => {
      socket.once('connect', () => {
        stage = url.protocol === 'https:' ? 'handshake' : 'response';
      });
      socket.once('secureConnect', () => {
        stage = 'response';
      });
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

function unreachable(
  url: URL,
  address: HostAndPort | undefined,
  failure: ConnectionFailure,
  cause: unknown,
): UserError {
  const at = address === undefined ? '' : ` at ${address.host} port ${address.port}`;
  return new UserError('endpoint-unreachable', describeFailureAt(`${url.host}${at}`, failure), {
    hint: `${remedyFor(failure, url, address)}${address === undefined ? doctorHint(url) : ''}`,
    exitCode: 3,
    cause,
  });
}

function remedyFor(failure: ConnectionFailure, url: URL, address: HostAndPort | undefined): string {
  const options = `--url${address === undefined ? '' : ' and --connect-to'}`;
  switch (failure.kind) {
    case 'refused':
      return `Nothing listens there: start the server, or correct the port in ${options}.`;
    case 'not-tls':
      return `For a server without TLS pass --url http://${url.host}${url.pathname}; Slack itself needs https on port 443.`;
    case 'name-not-found':
      return 'Correct the host in --url, or create its DNS record.';
    case 'certificate':
      return remedyForCertificate(failure.problem, url);
    default:
      return `Check the host and the port in ${options}.`;
  }
}

function remedyForCertificate(problem: CertificateProblem, url: URL): string {
  switch (problem) {
    case 'wrong-name':
      return `Check the URL, or have a certificate issued for ${url.hostname}.`;
    case 'expired':
      return 'Renew the certificate, and reload the server.';
    case 'not-yet-valid':
      return 'Check the clock of this machine, or install a certificate that is valid today.';
    case 'untrusted':
      return 'Slack trusts public certificates only; for a private CA pass --ca FILE.';
  }
}

/** `doctor` accepts public names only, and checks their port 443. */
function doctorHint(url: URL): string {
  const parsed = parseDomain(url.host);
  return parsed.ok && url.protocol === 'https:'
    ? ` Run: spacelift-slack doctor --domain ${parsed.domain} --only domain,tls,endpoint`
    : '';
}
