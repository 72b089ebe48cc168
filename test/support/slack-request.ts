import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '../../src/server/http/route.ts';
import { signedHeaders } from './serve.ts';

interface SlackRequestOptions {
  readonly type?: string;
  readonly secret?: string;
  /** The signed timestamp, in seconds; by default now. */
  readonly at?: number;
  /** Additional or replaced headers; an empty list removes one. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** When it arrived, in milliseconds since the epoch. */
  readonly receivedAt?: number;
  /** When it arrived, by `performance.now()`. */
  readonly startedAt?: number;
}

/** A request as Slack sends it, as the value that a route handler receives. */
export function slackRequest(body: Uint8Array | string, options: SlackRequestOptions = {}): HttpRequest {
  const { headers = {}, receivedAt = Date.now(), startedAt = performance.now(), ...signing } = options;
  const signed = Object.entries(signedHeaders(body, signing));
  return {
    id: randomUUID(),
    query: '',
    headers: {
      ...Object.fromEntries(signed.map(([name, value]) => [name.toLowerCase(), [value]])),
      ...headers,
    },
    body: Buffer.from(body),
    client: '192.0.2.7',
    receivedAt,
    startedAt,
  };
}
