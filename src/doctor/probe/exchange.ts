import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect, type SecureContext } from 'node:tls';
import { type ConnectionFailure, classifyFailure, type Stage } from '../../net/connection-failure.ts';
import type { Redactor } from '../redactor.ts';
import type { Place } from './handshake.ts';

export interface Request {
  readonly method: 'GET' | 'POST';
  /** The name for SNI, the certificate and the Host header. */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly answered: true;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body up to the limit. */
  readonly body: string;
  /** True where the body was longer than we read. */
  readonly cutOff: boolean;
  /** From the first packet to the last byte, in milliseconds. */
  readonly durationMs: number;
  /** The server's clock less ours, in seconds, by its `Date` header, which is whole seconds. */
  readonly clockSkewSeconds: number | undefined;
}

export type Exchange = Answer | { readonly answered: false; readonly failure: ConnectionFailure };

export interface ExchangeOptions {
  readonly context: SecureContext;
  /** What it knows is taken out of the answer at once. */
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long an answer is waited for: twice what Slack grants, so that a late one can be told from none. */
const limitSeconds = 6;
/** How much of a body is read. What Slack wants to hear has less than a hundred bytes. */
export const bodyLimit = 64 * 1024;
const headerLimit = 16 * 1024;

/** Sends one request to one address over verified TLS, and reads what comes. No redirect is followed, no proxy used. */
export function exchange(place: Place, message: Request, options: ExchangeOptions): Promise<Exchange> {
  const { context, redactor, signal, now } = options;
  return new Promise((resolve, reject) => {
    let stage: Stage = 'connection';
    const startedAt = now();
    const outgoing = request({
      // A connection of its own for each request, and none that an agent would lead through a proxy.
      createConnection: () =>
        connect({
          host: place.address,
          port: place.port,
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
    const end = (result: Exchange) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      outgoing.destroy();
      resolve(result);
    };
    const abort = () => end({ answered: false, failure: { kind: 'other', code: 'ABORTED' } });
    const timer = setTimeout(
      () => end({ answered: false, failure: { kind: 'timed-out', stage, seconds: limitSeconds } }),
      limitSeconds * 1000,
    );
    const failed = (error: unknown) => {
      const failure = classifyFailure(error);
      if (failure) end({ answered: false, failure });
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
    const hear = (incoming: IncomingMessage) => {
      const clockSkewSeconds = skew(incoming.headers.date, startedAt, now());
      return (body: Buffer, cutOff: boolean) =>
        end({
          answered: true,
          status: incoming.statusCode ?? 0,
          headers: redactHeaders(incoming.headers, redactor),
          body: redactor.redact(body.subarray(0, bodyLimit).toString('utf8')),
          cutOff,
          durationMs: now() - startedAt,
          clockSkewSeconds,
        });
    };
    // 101 comes here, with the connection, and not as a response.
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      hear(incoming)(Buffer.alloc(0), false);
    });
    outgoing.on('response', (incoming) => {
      const answer = hear(incoming);
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > bodyLimit) answer(Buffer.concat(chunks), true);
      });
      incoming.on('end', () => answer(Buffer.concat(chunks), false));
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

/** A `Date` header is cut to the second and was written at some time between the two. */
function skew(date: string | undefined, sentAt: number, receivedAt: number): number | undefined {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return undefined;
  const earliest = theirs - receivedAt;
  const latest = theirs + 999 - sentAt;
  if (earliest <= 0 && latest >= 0) return 0;
  return Math.round((earliest > 0 ? earliest : latest) / 1000);
}
