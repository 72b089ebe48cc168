import type { ChalkInstance } from 'chalk';
import { visible, withoutHiddenControls } from '../../text/visible.ts';

type LogFormat = 'json' | 'pretty';

/** From the least important to the most important. */
const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** The fields of a line, in the order in which they are written. Those that are undefined are left out. */
type LogFields = Readonly<Record<string, unknown>>;

type WriteLine = (
  ...line: readonly [message: string] | readonly [fields: LogFields, message: string]
) => void;

export interface Logger extends Readonly<Record<LogLevel, WriteLine>> {
  /** Whether lines of the level are written. */
  isLevelEnabled(level: LogLevel): boolean;
}

export interface LogSettings {
  readonly format: LogFormat;
  /** `debug` adds the headers of failed requests. */
  readonly level: 'debug' | 'info' | 'warn';
  /** Writes complete lines. */
  readonly write: (lines: string) => void;
  readonly pen: ChalkInstance;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** A log with one JSON object per line or, for a person at a terminal, one readable line per request. */
export function createLog({ format, level, write, pen, now }: LogSettings): Logger {
  const batched = batchLines(write);
  const time = timeText(now);
  const isLevelEnabled = (one: LogLevel) => levels.indexOf(one) >= levels.indexOf(level);
  const writerAt = (one: LogLevel): WriteLine => {
    if (!isLevelEnabled(one)) return () => undefined;
    return (...line) => {
      const [fields, msg] = line.length === 1 ? [{}, line[0]] : line;
      batched(
        format === 'json'
          ? withoutHiddenControls(jsonLine(one, time(), fields, msg))
          : prettyLine({ level: one, time: time(), ...fields, msg }, pen),
      );
    };
  };
  return {
    isLevelEnabled,
    debug: writerAt('debug'),
    info: writerAt('info'),
    warn: writerAt('warn'),
    error: writerAt('error'),
  };
}

/** An error for the log. Only these properties: libraries attach requests, with their secrets, to errors. */
export function describe(error: unknown, withStack = false): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    // JSON has no text for some other values, such as a bigint.
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(withStack ? { stack: error.stack } : {}),
  };
}

/** Makes the text of the time. It is made once a millisecond, in which there may be many lines. */
function timeText(now: () => number): () => string {
  let time = Number.NaN;
  let text = '';
  return () => {
    const current = now();
    if (current !== time) {
      time = current;
      text = new Date(time).toISOString();
    }
    return text;
  };
}

/** JSON of the fields between the others. It is much faster than JSON of a new object that has them all. */
function jsonLine(level: LogLevel, time: string, fields: LogFields, msg: string): string {
  const json = JSON.stringify(fields).slice(1, -1);
  const separator = json === '' ? '' : ',';
  return `{"level":"${level}","time":"${time}",${json}${separator}"msg":${JSON.stringify(msg)}}`;
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
    lines += `${line}\n`;
  };
}

function prettyLine(record: LogFields, pen: ChalkInstance): string {
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
