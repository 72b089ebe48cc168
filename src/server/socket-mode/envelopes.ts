import type { KeyObject } from 'node:crypto';
import { sign } from '../../slack/signature.ts';
import { slackUserAgent } from '../../slack/user-agent.ts';
import { type Fields, fields, identifier } from '../fields.ts';

/** A message that Slack sends over a WebSocket (Slack: Using Socket Mode). */
export type SocketMessage =
  /** The connection is ready. `connections` counts all of the app's, here and elsewhere. */
  | { readonly kind: 'hello'; readonly connections: number | undefined }
  /** The connection is about to end, or is not accepted. */
  | { readonly kind: 'disconnect'; readonly reason: string }
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  /** A message of an unknown type, or one that cannot be read. With an id, it can still be acknowledged. */
  | {
      readonly kind: 'unusable';
      readonly envelopeId: string | undefined;
      readonly type: string;
      readonly reason: string;
    };

export const envelopeTypes = ['events_api', 'slash_commands', 'interactive'] as const;

export type EnvelopeType = (typeof envelopeTypes)[number];

/** One payload of Slack's, and what its acknowledgement may hold. */
export interface Envelope {
  /** What the acknowledgement names. */
  readonly id: string;
  readonly type: EnvelopeType;
  readonly payload: Fields;
  readonly acceptsResponsePayload: boolean;
  /** How often Slack has sent this event before, where it has, and why it sends it again. */
  readonly retry: { readonly attempt: number; readonly reason: string | undefined } | undefined;
}

/** The request that Slack would have sent to the request URL. */
export interface RebuiltRequest {
  /** Names and values in turn, as Node's `rawHeaders` has them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Reads a message. Never throws: whatever is wrong with it is in the result. */
export function readSocketMessage(text: string): SocketMessage {
  const message = parseObject(text);
  if (!message) {
    return { kind: 'unusable', envelopeId: undefined, type: 'unknown', reason: 'not a JSON object' };
  }
  const type = identifier(message['type']) ?? 'unknown';
  if (type === 'hello') {
    const connections = message['num_connections'];
    return { kind: 'hello', connections: typeof connections === 'number' ? connections : undefined };
  }
  if (type === 'disconnect') {
    return { kind: 'disconnect', reason: identifier(message['reason']) ?? 'no reason given' };
  }
  const id = identifier(message['envelope_id']);
  const unusable = (reason: string) => ({ kind: 'unusable', envelopeId: id, type, reason }) as const;
  const known = envelopeTypes.find((name) => name === type);
  if (known === undefined) return unusable('unknown type');
  if (id === undefined) return unusable('no envelope_id');
  const payload = fields(message['payload']);
  if (!payload) return unusable('no payload object');
  const attempt = message['retry_attempt'];
  return {
    kind: 'envelope',
    envelope: {
      id,
      type: known,
      payload,
      acceptsResponsePayload: message['accepts_response_payload'] === true,
      retry:
        typeof attempt === 'number' && Number.isInteger(attempt) && attempt > 0
          ? { attempt, reason: identifier(message['retry_reason']) }
          : undefined,
    },
  };
}

/**
 * Rebuilds the request that Slack would have sent for an envelope (Slack: Comparing HTTP and Socket Mode), signed now.
 *
 * @param key the signing secret, as `signingKey` makes it
 * @param nowSeconds Unix seconds
 */
export function rebuildRequest(
  { type, payload, retry }: Envelope,
  key: KeyObject,
  nowSeconds: number,
): RebuiltRequest {
  const json = type === 'events_api';
  const body = Buffer.from(json ? JSON.stringify(payload) : formOf(type, payload));
  const timestamp = String(nowSeconds);
  return {
    headers: [
      'User-Agent',
      slackUserAgent,
      'Accept',
      'application/json,*/*',
      'Content-Type',
      json ? 'application/json' : 'application/x-www-form-urlencoded',
      'X-Slack-Request-Timestamp',
      timestamp,
      'X-Slack-Signature',
      sign(key, timestamp, body),
      ...(retry ? ['X-Slack-Retry-Num', String(retry.attempt)] : []),
      ...(retry?.reason === undefined ? [] : ['X-Slack-Retry-Reason', retry.reason]),
    ],
    body,
  };
}

function formOf(type: 'slash_commands' | 'interactive', payload: Fields): string {
  if (type === 'interactive') return String(new URLSearchParams({ payload: JSON.stringify(payload) }));
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(payload)) {
    // A form has no null: over HTTP, Slack leaves such a field out.
    if (value === null || value === undefined) continue;
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return String(form);
}

function parseObject(text: string): Fields | undefined {
  try {
    return fields(JSON.parse(text));
  } catch {
    return undefined;
  }
}
