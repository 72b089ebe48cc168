import type { ChalkInstance } from 'chalk';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { visible, withoutHiddenControls } from '../../text/visible.ts';

type LogFormat = 'json' | 'pretty';

export interface LogSettings {
  readonly format: LogFormat;
  /** `debug` adds the headers of failed requests. */
  readonly level: 'debug' | 'info' | 'warn';
  /** Writes complete lines. */
  readonly write: (lines: string) => void;
  readonly pen: ChalkInstance;
}

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
    },
    { write: format === 'json' ? (line: string) => batched(withoutHiddenControls(line)) : readable },
  );
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
