import type { ChalkInstance } from 'chalk';
import { type Logger, pino } from 'pino';
import { visible } from '../../text/visible.ts';
import type { FinishedRequest } from '../http/listener.ts';
import type { Outcome } from '../outcome.ts';

type LogFormat = 'json' | 'pretty';

export interface LogSettings {
  readonly format: LogFormat;
  /** `debug` adds the headers of refused requests, without what could be used again. */
  readonly level: 'debug' | 'info' | 'warn';
  /** Takes whole lines. */
  readonly write: (lines: string) => void;
  readonly pen: ChalkInstance;
}

/** Headers that let someone in, or would let someone act in another's name. */
const secretHeaders = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-slack-signature',
  // The address of a page, and what proxies call it: the code of an installation may stand in its query.
  'referer',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  'x-forwarded-uri',
  'x-envoy-original-path',
];

/** A log of one JSON object a line or, for a person at a terminal, of one readable line a request. */
export function createLog({ format, level, write, pen }: LogSettings): Logger {
  const gather = gatherer(write);
  const readable = (line: string) => gather(`${prettyLine(JSON.parse(line), pen)}\n`);
  return pino(
    {
      level,
      base: null,
      timestamp: isoTime(),
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretHeaders.map((name) => `headers["${name}"]`), censor: '[redacted]' },
    },
    { write: format === 'json' ? gather : readable },
  );
}

/** Writes one line for a finished request, except for one of many that exceed the same rate limit. */
export function logRequest(log: Logger, request: FinishedRequest): void {
  const { id, status, milliseconds, subject, outcome, headers, client, acknowledgement } = request;
  if (outcome.kind === 'rate-limited' && !outcome.isFirst) return;
  const line = {
    requestId: id,
    kind: subject.kind,
    who: subject.who,
    what: subject.what,
    eventId: subject.eventId,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : undefined,
    skewSeconds: 'skewSeconds' in outcome ? outcome.skewSeconds : undefined,
    retry: subject.retry,
    client,
    secret: subject.secret,
    acknowledgement,
    status,
    ms: Math.round(milliseconds * 10) / 10,
    error: describeErrorOf(outcome),
    headers: status >= 400 && log.isLevelEnabled('debug') ? headers : undefined,
  };
  if (status >= 500 || line.error || outcome.kind === 'not-forwarded') log.error(line, 'request');
  else if (status >= 400 || acknowledgement === 'undeliverable' || acknowledgement === 'connection-ended') {
    log.warn(line, 'request');
  } else log.info(line, 'request');
}

/** The stack only of a bug: any other error is the store's or the network's. */
function describeErrorOf(outcome: Outcome): Readonly<Record<string, unknown>> | undefined {
  if (!('error' in outcome) || outcome.error === undefined) return undefined;
  return describe(outcome.error, outcome.kind === 'internal-error');
}

/** An error for the log: no property but these, since libraries hang requests and their secrets on errors. */
export function describe(error: unknown, withStack = false): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(withStack ? { stack: error.stack } : {}),
  };
}

/** The time of a line, as pino wants it. Many lines share a millisecond, and what it is called in ISO 8601. */
function isoTime(): () => string {
  let time = 0;
  let field = '';
  return () => {
    const now = Date.now();
    if (now !== time) {
      time = now;
      field = `,"time":"${new Date(now).toISOString()}"`;
    }
    return field;
  };
}

/** Joins the lines of one turn of the event loop, so that they share a write. */
function gatherer(write: (lines: string) => void): (line: string) => void {
  let lines = '';
  return (line) => {
    if (lines === '') {
      setImmediate(() => {
        const all = lines;
        lines = '';
        write(all);
      });
    }
    lines += line;
  };
}

function prettyLine(record: Readonly<Record<string, unknown>>, pen: ChalkInstance): string {
  const { level, time, msg, requestId, kind, who, what, outcome, reason, status, ms, ...rest } = record;
  const colour = level === 'error' ? pen.red : level === 'warn' ? pen.yellow : pen.green;
  const column = (value: unknown, width: number) => show(value).padEnd(width);
  const clock = pen.dim(new Date(String(time)).toTimeString().slice(0, 8));
  // What went well is asked after by nobody: its line stays short.
  const id = level === 'info' ? undefined : requestId;
  const details = Object.entries({ reason, ...rest, requestId: id })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${pen.dim(`${name}=`)}${show(value)}`);
  if (msg !== 'request') return [clock, colour(show(msg)), ...details].join('  ');
  return [
    clock,
    column(kind, 16),
    column(who, 24),
    column(what, 28),
    colour(`${show(status)} ${show(outcome)}`),
    pen.dim(`${show(ms)} ms`),
    ...details,
  ].join('  ');
}

function show(value: unknown): string {
  if (value === undefined) return '-';
  return visible(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
