import type { ChalkInstance } from 'chalk';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { visible } from '../../text/visible.ts';
import type { FinishedRequest } from '../http/listener.ts';
import type { Outcome } from '../outcome.ts';

type LogFormat = 'json' | 'pretty';

export interface LogSettings {
  readonly format: LogFormat;
  /** `debug` adds the headers of failed requests, without credentials. */
  readonly level: 'debug' | 'info' | 'warn';
  /** Writes complete lines. */
  readonly write: (lines: string) => void;
  readonly pen: ChalkInstance;
}

/** Headers that contain credentials. */
const secretHeaders = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-slack-signature',
  // The URL of a page, by the names that proxies use: its query may contain the code of an installation.
  'referer',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  'x-forwarded-uri',
  'x-envoy-original-path',
];

/** A log with one JSON object per line or, for a person at a terminal, one readable line per request. */
export function createLog({ format, level, write, pen }: LogSettings): Logger {
  const batched = batchLines(write);
  const readable = (line: string) => batched(`${prettyLine(JSON.parse(line), pen)}\n`);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretHeaders.map((name) => `headers["${name}"]`), censor: '[redacted]' },
    },
    { write: format === 'json' ? batched : readable },
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

/** An error for the log. Only these properties: libraries attach requests, with their secrets, to errors. */
export function describe(error: unknown, withStack = false): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(withStack ? { stack: error.stack } : {}),
  };
}

/** Joins the lines of one turn of the event loop into one write. */
function batchLines(write: (lines: string) => void): (line: string) => void {
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
  // Successful requests need no request id.
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
