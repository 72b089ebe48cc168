import type { Outcome, RequestSubject } from '../outcome.ts';
import type { RequestHeaders } from './headers.ts';

/**
 * A request as a route gets it. It is a plain value, so that requests that arrived in another way than over HTTP can
 * be handled alike.
 */
export interface HttpRequest {
  /** Generated here, for the log and for the `X-Request-Id` of the response. */
  readonly id: string;
  /** What follows the `?` of the request target. */
  readonly query: string;
  readonly headers: RequestHeaders;
  /** The raw bytes: signatures are verified over them. */
  readonly body: Buffer;
  /** The client's address; none for a request that did not come over HTTP. */
  readonly client: string | undefined;
  /** When it arrived, in milliseconds since the epoch: timestamps are compared with it. */
  readonly receivedAt: number;
  /** When it arrived, by the steady clock of `performance.now()`: deadlines count from it. */
  readonly startedAt: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** Instead of a body: its parts, sent as they come until the client leaves. */
  readonly stream?: AsyncGenerator<string>;
}

/** What a handler returns: the response to send, and what happened. */
export interface Handled {
  readonly response: HttpResponse;
  readonly outcome: Outcome;
}

/** What a route returns: also what the request was. */
export interface RouteResult extends Handled {
  readonly subject: RequestSubject;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Compared byte by byte: nothing is decoded, and a trailing slash makes another path. */
  readonly path: string;
  /** The kind of a request that is not passed to it. */
  readonly kind: string;
  handle(request: HttpRequest): Promise<RouteResult>;
}

/** Calls a route. An error is a bug: the caller learns nothing of it. */
export async function callRoute(route: Route, request: HttpRequest): Promise<RouteResult> {
  try {
    return await route.handle(request);
  } catch (error) {
    const response = json(500, { error: 'internal_error' });
    return { response, subject: { kind: 'bug' }, outcome: { kind: 'internal-error', error } };
  }
}

/** A response with a JSON body. */
export function json(status: number, value: unknown): HttpResponse {
  return jsonText(status, JSON.stringify(value));
}

/** A response with a body that is JSON already. */
function jsonText(status: number, body: string): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body };
}
