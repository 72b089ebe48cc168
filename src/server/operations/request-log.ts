import { shorten } from '../../text/shorten.ts';
import type { FinishedRequest } from '../http/finished-request.ts';
import { isFromAnybody, type Outcome } from '../outcome.ts';
import { describe, type Logger } from './log.ts';
import { loggedHeaders } from './logged-headers.ts';
import { UnverifiedLines } from './unverified-lines.ts';

/** How much of a text that may come from anybody is logged. */
const maxLength = 200;

/** Writes one line for each request. The lines of unverified requests are limited; the others are counted. */
export class RequestLog {
  readonly #log: Logger;
  readonly #unverified: UnverifiedLines;

  constructor(log: Logger) {
    this.#log = log;
    this.#unverified = new UnverifiedLines((omitted) => log.warn(omitted, 'unverified requests not logged'));
  }

  write(request: FinishedRequest): void {
    const { status, subject, outcome, client = '' } = request;
    if (isFromAnybody(subject, outcome) && !this.#unverified.admits(client, status)) return;
    writeLine(this.#log, request);
  }

  /** Logs the count of the requests that have no line yet. */
  end(): void {
    this.#unverified.end();
  }
}

function writeLine(log: Logger, request: FinishedRequest): void {
  const level = levelOf(request);
  if (!log.isLevelEnabled(level)) return;
  const { id, status, milliseconds, subject, outcome, headers, client, acknowledgement } = request;
  const line = {
    requestId: id,
    kind: subject.kind,
    who: subject.who,
    what: subject.what && shorten(subject.what, maxLength),
    eventId: subject.eventId,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? shorten(outcome.reason, maxLength) : undefined,
    skewSeconds: 'skewSeconds' in outcome ? outcome.skewSeconds : undefined,
    retry: subject.retry,
    client,
    secret: subject.secret,
    acknowledgement,
    status,
    ms: Math.round(milliseconds * 10) / 10,
    error: describeErrorOf(outcome),
    headers: status >= 400 && log.isLevelEnabled('debug') ? loggedHeaders(headers) : undefined,
  };
  log[level](line, 'request');
}

function levelOf({ status, outcome, acknowledgement }: FinishedRequest): 'info' | 'warn' | 'error' {
  const failed = 'error' in outcome && outcome.error !== undefined;
  if (status >= 500 || failed || outcome.kind === 'not-forwarded') return 'error';
  const lost = acknowledgement === 'undeliverable' || acknowledgement === 'connection-ended';
  return status >= 400 || lost ? 'warn' : 'info';
}

/** The stack only of a bug: any other error is the store's or the network's. */
function describeErrorOf(outcome: Outcome): Readonly<Record<string, unknown>> | undefined {
  if (!('error' in outcome) || outcome.error === undefined) return undefined;
  return describe(outcome.error, outcome.kind === 'internal-error');
}
