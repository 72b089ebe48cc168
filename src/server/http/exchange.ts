import type { RequestHeaders } from './headers.ts';

/** What a request was and what became of it: one line of the log. Never a token, a secret or a `response_url`. */
export interface Note {
  /** What kind of request: `command`, `event`, `install`, … */
  readonly kind: string;
  /** Whose it was: the workspace and the user, as far as they are known. */
  readonly who?: string | undefined;
  /** What it wanted: the command, the event's type, the path. */
  readonly what?: string | undefined;
  /** Which event it was, as `serve events` and the lines of its delivery have it. */
  readonly eventId?: string;
  /** What became of it, in a word or two. */
  readonly verdict: string;
  /** Why, where it was refused or failed. */
  readonly reason?: string | undefined;
  /** The failure behind it, which somebody should look at. */
  readonly error?: unknown;
  /** How far a stale timestamp lies from our clock, in seconds: negative for an old request. */
  readonly skewSeconds?: number;
  /** Slack's count of how often it has sent this before, and why it sends it again. */
  readonly retry?: string | undefined;
  /** One of many alike, which would only fill the log. */
  readonly unlogged?: boolean;
  /** Which signing secret fitted, where it was not the current one. */
  readonly secret?: 'previous' | undefined;
}

export interface Request {
  /** Ours, for the log and the `X-Request-Id` of the answer. */
  readonly id: string;
  /** What follows the `?` of the target. */
  readonly query: string;
  readonly headers: RequestHeaders;
  readonly body: Buffer;
  /** The address of whoever asked. */
  readonly client: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** When its headers were here, by the steady clock of `performance.now()`: what a deadline counts from. */
  readonly startedAt: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  readonly note: Note;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** To the letter: nothing is decoded, and a trailing slash makes another path. */
  readonly path: string;
  handle(request: Request): Answer | Promise<Answer>;
}

/** A route that takes anybody's requests: nothing that they carry can be verified. */
export interface OpenRoute extends Route {
  /** The kind of its requests, for the notes that are not its own. */
  readonly kind: string;
}

/** An answer in JSON. */
export function json(status: number, value: unknown, note: Note): Answer {
  return jsonText(status, JSON.stringify(value), note);
}

/** An answer in JSON that is text already. */
export function jsonText(status: number, body: string, note: Note): Answer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body, note };
}
