import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect, type SecureContext } from 'node:tls';
import { type ConnectionFailure, classifyFailure, type Stage } from '../../net/connection-failure.ts';
import type { Redactor } from '../redactor.ts';
import type { Peer } from './handshake.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** The name for SNI, the certificate and the Host header. */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly responded: true;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, up to the limit. */
  readonly body: string;
  /** True if the body was longer than the limit. */
  readonly cutOff: boolean;
  /** From the first packet to the last byte, in milliseconds. */
  readonly durationMs: number;
  /** The server's clock less ours, in seconds, by its `Date` header, which is whole seconds. */
  readonly clockSkewSeconds: number | undefined;
}

/** The result of one request. */
export type ProbeResult = HttpResponse | { readonly responded: false; readonly failure: ConnectionFailure };

export interface HttpRequestOptions {
  /** For the TLS connection: the trusted roots, and a client certificate if the server may see one. */
  readonly context: SecureContext;
  /** Removes secrets from the response at once. */
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** The time limit of a response: twice what Slack allows, so that a late one can be told from none. */
const limitSeconds = 6;
/** How much of a body is read. What Slack expects has less than a hundred bytes. */
export const bodyLimit = 64 * 1024;
const headerLimit = 16 * 1024;

/** Sends one request to one peer over verified TLS. Follows no redirect and uses no proxy. */
export function sendHttpRequest(
  peer: Peer,
  message: HttpRequest,
  { context, redactor, signal, now }: HttpRequestOptions,
): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    let stage: Stage = 'connection';
    const startedAt = now();
    const outgoing = request({
      // Each request has a connection of its own: an agent would reuse one, or use a proxy.
      createConnection: () =>
        connect({
          host: peer.address,
          port: peer.port,
          servername: message.host,
          secureContext: context,
          rejectUnauthorized: true,
          ALPNProtocols: ['http/1.1'],
        }),
      method: message.method,
      path: message.path,
      headers: {
        Host: message.host,
        ...message.headers,
        ...(message.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(message.body) }),
      },
      maxHeaderSize: headerLimit,
    });
    const end = (result: ProbeResult) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      outgoing.destroy();
      resolve(result);
    };
    const abort = () => end({ responded: false, failure: { kind: 'other', code: 'ABORTED' } });
    const timer = setTimeout(
      () => end({ responded: false, failure: { kind: 'timed-out', stage, seconds: limitSeconds } }),
      limitSeconds * 1000,
    );
    const failed = (error: unknown) => {
      const failure = classifyFailure(error);
      if (failure) end({ responded: false, failure });
      else reject(error);
    };
    signal.addEventListener('abort', abort, { once: true });
    outgoing.on('error', failed);
    if (signal.aborted) return abort();
    outgoing.on('socket', (socket) => {
      socket.once('connect', () => {
        stage = 'handshake';
      });
      socket.once('secureConnect', () => {
        stage = 'response';
      });
    });
    const received = (incoming: IncomingMessage) => {
      const clockSkewSeconds = skew(incoming.headers.date, startedAt, now());
      return (body: Buffer, cutOff: boolean) =>
        end({
          responded: true,
          status: incoming.statusCode ?? 0,
          headers: redactHeaders(incoming.headers, redactor),
          body: redactor.redact(body.subarray(0, bodyLimit).toString('utf8')),
          cutOff,
          durationMs: now() - startedAt,
          clockSkewSeconds,
        });
    };
    // A 101 arrives here, with the connection, and not as a response.
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      received(incoming)(Buffer.alloc(0), false);
    });
    outgoing.on('response', (incoming) => {
      const complete = received(incoming);
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > bodyLimit) complete(Buffer.concat(chunks), true);
      });
      incoming.on('end', () => complete(Buffer.concat(chunks), false));
      incoming.on('error', failed);
    });
    outgoing.end(message.body);
  });
}

function redactHeaders(headers: IncomingHttpHeaders, { redact }: Redactor): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(redact) : value === undefined ? undefined : redact(value),
    ]),
  );
}

/** A `Date` header is cut to the second, and was written at some time between the two. */
function skew(date: string | undefined, sentAt: number, receivedAt: number): number | undefined {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return undefined;
  const earliest = theirs - receivedAt;
  const latest = theirs + 999 - sentAt;
  if (earliest <= 0 && latest >= 0) return 0;
  return Math.round((earliest > 0 ? earliest : latest) / 1000);
}
