import { Pool } from 'undici';
import { classifyFailure, describeFailure, neverConnected } from '../../net/connection-failure.ts';
import { TimeUp } from '../../net/time-limit.ts';
import { parseUrl } from '../../parse-url.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { readWholeResponse, type WholeResponse } from './whole-response.ts';

export interface UpstreamSettings {
  /** `https://spacelift.internal.example`: scheme, host and port. */
  readonly origin: string;
  /** Its name in `Host` and, with TLS, in its certificate, if it is not the origin's host. */
  readonly host: string | undefined;
  /** Certificates in PEM that are trusted for it, instead of the public ones. */
  readonly ca: string | undefined;
  readonly breaker: CircuitBreaker;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is known about the upstream, for an operator. */
export interface UpstreamState {
  /** How long the circuit has been open, in milliseconds; undefined if it is closed. */
  readonly circuitOpenMs: number | undefined;
  /** The last request that the upstream did not accept, since the start. */
  readonly lastFailure: { readonly at: number; readonly reason: string } | undefined;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Uint8Array;
  /** How long the whole response may take, in milliseconds. */
  readonly timeLimit: number;
  /** Who waits for the response, for the circuit breaker: a person, or the events of a workspace. */
  readonly sender: string;
}

export interface UpstreamResponse extends WholeResponse {
  readonly kind: 'response';
}

export interface UpstreamFailure {
  readonly kind: 'failure';
  /**
   * `circuit-open`: not sent, since the upstream is considered to be down. `unreachable`: no connection. `late`: no
   * response in time. `incomplete`: the response ended early or was not HTTP. Only the first two mean that nothing was
   * done.
   */
  readonly reason: 'circuit-open' | 'unreachable' | 'late' | 'incomplete';
  /** For the log. */
  readonly detail: string;
}

const connectTimeLimit = 1_500;
const maxConnections = 128;
/** The responses of a proxy in front of a server that is down, and of one that had no response in time. */
const downStatuses = new Set([502, 503]);
const gatewayTimeout = 504;
/** undici's error codes for a request that it does not send. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

/** The Spacelift behind the relay. Redirects are not followed, and requests are not retried. */
export class Upstream {
  readonly #pool: Pool;
  readonly #breaker: CircuitBreaker;
  /** The `Host` header; undefined for that of the origin. */
  readonly #host: string | undefined;
  readonly #now: () => number;
  #lastFailure: UpstreamState['lastFailure'];
  #isClosed = false;

  constructor({ origin, host, ca, breaker, now }: UpstreamSettings) {
    this.#breaker = breaker;
    this.#host = host;
    this.#now = now;
    this.#pool = new Pool(origin, {
      connections: maxConnections,
      connect: { timeout: connectTimeLimit, ...(ca === undefined ? {} : { ca }) },
      maxHeaderSize: 32 * 1024,
      // Each request has its own limit for the whole response.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Whether requests fail at once, because the upstream is considered to be down. */
  get isCircuitOpen(): boolean {
    return this.#breaker.isOpen;
  }

  /** How long until a request is let through, in milliseconds; 0 for at once. */
  get waitMs(): number {
    return this.#breaker.waitMs;
  }

  get state(): UpstreamState {
    return { circuitOpenMs: this.#breaker.openMs, lastFailure: this.#lastFailure };
  }

  async send(request: UpstreamRequest): Promise<UpstreamResponse | UpstreamFailure> {
    if (!this.#breaker.admit()) {
      return {
        kind: 'failure',
        reason: 'circuit-open',
        detail: 'circuit open: the upstream failed several times in a row',
      };
    }
    const { method, path, body, timeLimit } = request;
    const headers = this.#host === undefined ? request.headers : { ...request.headers, host: this.#host };
    try {
      const response = await readWholeResponse(
        this.#pool,
        { method, path, headers, body: body ?? null },
        timeLimit,
      );
      return this.#recordResponse({ kind: 'response', ...response }, request.sender);
    } catch (error) {
      const code = codeOf(error);
      // A request that cannot be sent says nothing about the upstream, and a client must not be able to open the circuit.
      if (code !== undefined && unsendable.has(code)) {
        return { kind: 'failure', reason: 'unreachable', detail: `the request could not be sent (${code})` };
      }
      return this.#recordFailure(describeError(error, timeLimit), request.sender);
    }
  }

  #recordResponse(response: UpstreamResponse, sender: string): UpstreamResponse {
    const reason = describeStatus(response);
    if (!isAccepted(response)) this.#lastFailure = { at: this.#now(), reason };
    if (downStatuses.has(response.status)) this.#breaker.failed(reason);
    else if (response.status === gatewayTimeout) this.#breaker.late(sender, reason);
    else this.#breaker.succeeded();
    return response;
  }

  #recordFailure(failure: UpstreamFailure, sender: string): UpstreamFailure {
    // The end of a connection that was closed here says nothing about the upstream.
    if (this.#isClosed) return failure;
    this.#lastFailure = { at: this.#now(), reason: failure.detail };
    if (failure.reason === 'late') this.#breaker.late(sender, failure.detail);
    else this.#breaker.failed(failure.detail);
    return failure;
  }

  /** Closes all connections. Requests in flight fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.destroy();
  }
}

/** Whether Spacelift accepted the request. A login page in front responds with 200 too, and loses what it was sent. */
export function isAccepted({ status, headers, body }: UpstreamResponse): boolean {
  const page = body.length > 0 && /^text\/html\b/i.test(String(headers['content-type'] ?? ''));
  return status >= 200 && status < 300 && !page;
}

/** Describes a response that cannot be returned to Slack, for the log. */
export function describeStatus({ status, headers }: UpstreamResponse): string {
  if (status < 300)
    return `HTTP ${status} with an HTML page: a login page or a proxy responded in place of Spacelift`;
  if (status === 401 || status === 403) {
    return `HTTP ${status}: it rejects the signature; check that its SLACK_SECRET is the same as here`;
  }
  if (status >= 300 && status < 400) {
    const to = parseUrl(String(headers['location'] ?? ''));
    return `HTTP ${status}: a redirect${to ? ` to ${to.host}` : ''}, which is not followed`;
  }
  return `HTTP ${status}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function describeError(error: unknown, timeLimit: number): UpstreamFailure {
  if (error instanceof TimeUp) {
    return { kind: 'failure', reason: 'late', detail: `no response within ${timeLimit / 1000} s` };
  }
  const cause = classifyFailure(error);
  if (cause === undefined) {
    return {
      kind: 'failure',
      reason: 'incomplete',
      detail: error instanceof Error ? error.message : String(error),
    };
  }
  if (cause.kind === 'timed-out') {
    const limit = cause.stage === 'response' ? timeLimit : connectTimeLimit;
    const reason = cause.stage === 'response' ? 'late' : 'unreachable';
    return { kind: 'failure', reason, detail: describeFailure({ ...cause, seconds: limit / 1000 }) };
  }
  const isOtherName = cause.kind === 'certificate' && cause.problem === 'wrong-name';
  return {
    kind: 'failure',
    reason: neverConnected(cause) ? 'unreachable' : 'incomplete',
    detail: describeFailure(cause) + (isOtherName ? ': see --upstream-host' : ''),
  };
}
