import type { Rejection } from '../slack/signature.ts';

/** What a request was: the labels of its log line and of its metrics. Holds no token, secret or `response_url`. */
export interface RequestSubject {
  /** `command`, `event`, `interaction`, `install`, …: from a fixed set, since it labels metrics. */
  readonly kind: string;
  /** The workspace and the user, as far as they are known. */
  readonly who?: string | undefined;
  /** The command, the event's type, or the path. */
  readonly what?: string | undefined;
  /** Slack's `event_id`, as `serve events` and the log lines of its delivery show it. */
  readonly eventId?: string | undefined;
  /** How often Slack has sent this before, and why it sends it again. */
  readonly retry?: string | undefined;
  /** Which signing secret matched, if it was not the current one. */
  readonly secret?: 'previous' | undefined;
}

/**
 * What happened to a request. Handlers return it, and everything that depends on what happened reads it: the rate
 * limit, the delivery of events, the log and the metrics. The log shows `kind` as `outcome`.
 */
export type Outcome =
  /** The signature is missing or wrong: as far as can be told, this was not Slack. */
  | ({ readonly kind: 'rejected' } & Rejection)
  /** Slack's certificate check, which it sends unsigned to distributed apps. Nothing was done. */
  | { readonly kind: 'unsigned-ssl-check' }
  /** The client has sent too many unverified requests. */
  | { readonly kind: 'rate-limited'; readonly reason: string }
  /** The request is not acceptable: as HTTP, for its size or media type, or for what it contains. */
  | { readonly kind: 'invalid-request'; readonly reason: string; readonly isVerified?: true }
  | { readonly kind: 'not-found' }
  /** There was no room for it. */
  | { readonly kind: 'overloaded'; readonly reason: string }
  /** The client closed the connection before there was a response. */
  | { readonly kind: 'client-gone' }
  /** A bug in this program. */
  | { readonly kind: 'internal-error'; readonly error: unknown }
  /** The response contains all that was asked for. */
  | { readonly kind: 'responded' }
  /** Nothing needed to be done. */
  | { readonly kind: 'acknowledged' }
  /** A new event is in the store. */
  | { readonly kind: 'stored' }
  /** The event was in the store already. */
  | { readonly kind: 'duplicate' }
  /** The queue holds as much as `--queue-limit` allows: Slack keeps the event and sends it again. */
  | { readonly kind: 'queue-full'; readonly reason: string }
  /** The store failed or was too slow. */
  | { readonly kind: 'not-stored'; readonly error: unknown }
  /** The upstream's response was returned. */
  | { readonly kind: 'forwarded' }
  /** The request repeats another one: it got the same response, and was not forwarded. */
  | { readonly kind: 'repeated' }
  /** The upstream gave no response that can be returned. */
  | { readonly kind: 'not-forwarded'; readonly reason: string }
  /** The request has been through a relay before, so that the upstream leads back here. */
  | { readonly kind: 'loop'; readonly reason: string }
  /** The browser was sent to Slack's consent page. */
  | { readonly kind: 'redirected' }
  | { readonly kind: 'installed' }
  | { readonly kind: 'not-installed'; readonly reason: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-ready'; readonly reason: string; readonly error?: unknown };

/** Whether the request could have come from anybody. Only such requests are rate-limited. */
export function isUnverified(outcome: Outcome): boolean {
  return outcome.kind === 'rejected' || outcome.kind === 'unsigned-ssl-check';
}

/** Requests that no signature covers: refused before it was verified, or anybody may open their page. */
const openKinds: ReadonlySet<string> = new Set(['unknown', 'malformed', 'slack', 'install', 'oauth', 'bug']);

/** Whether anybody could have caused its log line. Only such lines are limited. */
export function isFromAnybody({ kind }: RequestSubject, outcome: Outcome): boolean {
  if (outcome.kind === 'invalid-request') return outcome.isVerified !== true;
  if (isUnverified(outcome) || outcome.kind === 'rate-limited') return true;
  return openKinds.has(kind) && outcome.kind !== 'installed';
}

/** How the envelope of a request that came through Socket Mode was acknowledged. */
export type AcknowledgementResult =
  | 'empty'
  /** With the response as its payload. */
  | 'payload'
  /** Empty, and the response was sent to the `response_url`. */
  | 'message'
  /** Empty, and the response went nowhere: Slack accepts no payload there, or cannot read this one. */
  | 'undeliverable'
  /** Not acknowledged, so that Slack sends it again. */
  | 'none'
  /** Its connection had ended before. */
  | 'connection-ended';
