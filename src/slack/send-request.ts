import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { UserError } from '../user-error.ts';

/** How much of an answer's body is read; Slack needs far less. */
const bodyLimit = 64 * 1024;

export interface Outgoing {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Certificates in PEM that are trusted beside the public ones. */
  readonly ca: readonly string[];
  /** How long to wait for the whole answer, in milliseconds. */
  readonly patience: number;
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
export function sendRequest({ url, headers, body, ca, patience }: Outgoing): Promise<Answer | 'late'> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let connected = false;
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(unreachable(url, error));
    };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(
      url,
      { method: 'POST', headers, agent: false, ca: [...rootCertificates, ...ca] },
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
      if (connected) resolve('late');
      else reject(unreachable(url, new Error(`no connection within ${patience / 1000} s`)));
      outgoing.destroy();
    }, patience);
    outgoing.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

function unreachable(url: URL, cause: Error): UserError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const untrusted = /CERT|SIGNATURE|ISSUER|ALTNAME/.test(code);
  const reason = untrusted
    ? `its certificate is not trusted (${code})`
    : ({
        ENOTFOUND: 'the name does not resolve',
        EAI_AGAIN: 'the name does not resolve at the moment',
        ECONNREFUSED: 'the connection was refused',
        ECONNRESET: 'the connection was broken off',
        EPROTO: 'it does not speak TLS there',
        ETIMEDOUT: 'no connection came about',
      }[code] ?? cause.message);
  return new UserError('endpoint-unreachable', `${url.host} cannot be reached: ${reason}`, {
    hint: untrusted
      ? 'Slack trusts public certificates only; spacelift-slack doctor --only tls names the fault. For a private CA pass --ca FILE.'
      : 'Check the URL; spacelift-slack doctor --only domain,tls,endpoint names the cause.',
    exitCode: 3,
    cause,
  });
}
