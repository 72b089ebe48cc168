import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { parseDomain } from '../domain.ts';
import {
  type ConnectionFailure,
  classifyFailure,
  describeFailureAt,
  type Stage,
} from '../net/connection-failure.ts';
import { UserError } from '../user-error.ts';

/** How much of an answer's body is read; Slack needs far less. */
const bodyLimit = 64 * 1024;

export interface Outgoing {
  readonly url: URL;
  /** Where to connect, in place of the URL's host and port; the URL's host is asked for all the same. */
  readonly place?: Place | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Certificates in PEM that are trusted beside the public ones. */
  readonly ca: readonly string[];
  /** How long to wait for the whole answer, in milliseconds. */
  readonly patience: number;
}

/** Where somebody listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Where a redirect leads to. It is never followed. */
  readonly location: string | undefined;
  readonly body: string;
  /** True where the body was longer than what was read. */
  readonly cut: boolean;
  /** From the first byte sent to the last one read, name resolution and handshakes included. */
  readonly milliseconds: number;
}

/**
 * Sends a request once, as Slack would: public roots alone are trusted, and no redirect is followed.
 *
 * @returns `late` where the connection stood and the answer did not come in time
 * @throws UserError `endpoint-unreachable` where there was nobody to talk to, or the talk broke off
 */
export function sendRequest({ url, place, headers, body, ca, patience }: Outgoing): Promise<Answer | 'late'> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let stage: Stage = 'connection';
    const fail = (error: Error) => {
      clearTimeout(timer);
      const failure = classifyFailure(error);
      reject(failure ? unreachable(url, place, failure, error) : error);
    };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(
      url,
      {
        method: 'POST',
        // Node takes the name for SNI and for the certificate from `Host`.
        headers: { ...headers, Host: url.host },
        agent: false,
        ca: [...rootCertificates, ...ca],
        ...(place && { hostname: place.host, port: place.port }),
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
      else reject(unreachable(url, place, { kind: 'timed-out', stage, seconds: patience / 1000 }, undefined));
      outgoing.destroy();
    }, patience);
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
  place: Place | undefined,
  failure: ConnectionFailure,
  cause: unknown,
): UserError {
  const at = place === undefined ? '' : ` at ${place.host} port ${place.port}`;
  return new UserError('endpoint-unreachable', describeFailureAt(`${url.host}${at}`, failure), {
    hint: `${remedyFor(failure, url, place)}${place === undefined ? doctorHint(url) : ''}`,
    exitCode: 3,
    cause,
  });
}

function remedyFor(failure: ConnectionFailure, url: URL, place: Place | undefined): string {
  if (failure.kind !== 'certificate')
    return `Check the URL${place === undefined ? '' : ' and --connect-to'}.`;
  switch (failure.problem) {
    case 'wrong-name':
      return `Check the URL, or have a certificate issued for ${url.hostname}.`;
    case 'expired':
      return 'Renew the certificate, and have the server load it.';
    case 'not-yet-valid':
      return 'Check the clock of this machine, or install a certificate that is valid today.';
    case 'untrusted':
      return 'Slack trusts public certificates only; for a private CA pass --ca FILE.';
  }
}

/** The doctor takes public names alone, and looks at their port 443. */
function doctorHint(url: URL): string {
  const parsed = parseDomain(url.host);
  return parsed.ok && url.protocol === 'https:'
    ? ` spacelift-slack doctor --domain ${parsed.domain} --only domain,tls,endpoint names the cause.`
    : '';
}
