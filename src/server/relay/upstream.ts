import { type Dispatcher, Pool } from 'undici';
import { classifyFailure, describeFailure, neverConnected } from '../../net/connection-failure.ts';
import { TimeUp, within } from '../../net/time-limit.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { responseHeaders } from './headers.ts';

export interface UpstreamSettings {
  /** `https://spacelift.internal.example`: scheme, host and port. */
  readonly origin: string;
  /** What it is called in `Host` and, with TLS, in its certificate, where that is not the origin's host. */
  readonly host: string | undefined;
  /** Certificates in PEM that are trusted for it, in the place of the public ones. */
  readonly ca: string | undefined;
  readonly breaker: CircuitBreaker;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Uint8Array;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeLimit: number;
}

export interface UpstreamResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Without those that belong to the connection. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export interface UpstreamFailure {
  readonly kind: 'failure';
  /**
   * `circuit-open`: not asked, since it is down. `unreachable`: there was nobody to ask. `late`: no answer in time.
   * `broken-off`: the answer broke off or was no HTTP. Only the first two mean that nothing was done.
   */
  readonly reason: 'circuit-open' | 'unreachable' | 'late' | 'broken-off';
  /** For the log. */
  readonly detail: string;
}

const connectTimeLimit = 1_500;
const maxConnections = 128;
/** An answer beyond this is none for Slack. */
const maxAnswerBytes = 1024 * 1024;
/** The answers of a proxy in front of a server that is down, which is a reason to spare it. */
const downStatuses = new Set([502, 503, 504]);
/** undici's words for a request that it does not send. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

/** The Spacelift behind the relay. Follows no redirect and repeats nothing by itself. */
export class Upstream {
  readonly #pool: Pool;
  readonly #breaker: CircuitBreaker;
  readonly #host: string;

  constructor({ origin, host, ca, breaker }: UpstreamSettings) {
    this.#breaker = breaker;
    this.#host = host ?? new URL(origin).host;
    this.#pool = new Pool(origin, {
      connections: maxConnections,
      connect: { timeout: connectTimeLimit, ...(ca === undefined ? {} : { ca }) },
      maxHeaderSize: 32 * 1024,
    });
  }

  /** True while it is held to be down. */
  get isCircuitOpen(): boolean {
    return this.#breaker.isOpen;
  }

  /** How long to wait until it may be asked again, in milliseconds; 0 for at once. */
  get waitMs(): number {
    return this.#breaker.waitMs;
  }

  async send(request: UpstreamRequest): Promise<UpstreamResponse | UpstreamFailure> {
    if (!this.#breaker.admit()) {
      return {
        kind: 'failure',
        reason: 'circuit-open',
        detail: 'not asked: it failed several times in a row',
      };
    }
    // undici heeds an abort only once a request has its connection: the limit must not hang on that.
    const abandoned = new AbortController();
    try {
      const answer = await within(request.timeLimit, this.#request(request, abandoned.signal));
      if (downStatuses.has(answer.status)) this.#breaker.failed();
      else this.#breaker.succeeded();
      return answer;
    } catch (error) {
      abandoned.abort();
      const code = codeOf(error);
      // What is never sent says nothing of the upstream, and a caller must not be able to switch it off.
      if (code !== undefined && unsendable.has(code)) {
        return { kind: 'failure', reason: 'unreachable', detail: `nothing was sent to it (${code})` };
      }
      this.#breaker.failed();
      return describeError(error, request.timeLimit);
    }
  }

  async #request(
    { method, path, headers, body, timeLimit }: UpstreamRequest,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> {
    const response = await this.#pool.request({
      method,
      path,
      headers: { ...headers, host: this.#host },
      ...(body === undefined ? {} : { body }),
      headersTimeout: timeLimit,
      bodyTimeout: timeLimit,
      signal,
    });
    const status = response.statusCode;
    if (status < 200 || status > 599) throw new Error(`HTTP status ${status}`);
    return {
      kind: 'response',
      status,
      headers: responseHeaders(response.headers),
      body: await read(response.body),
    };
  }

  /** Ends every connection; what is still being asked fails. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

async function read(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error(`an answer over ${maxAnswerBytes} bytes`);
  }
  return Buffer.concat(chunks, length);
}

/** Whether it is Spacelift that took a request: a login page in front answers with 200 too, and what it was sent is lost. */
export function isAccepted({ status, headers, body }: UpstreamResponse): boolean {
  const page = body.length > 0 && /^text\/html\b/i.test(String(headers['content-type'] ?? ''));
  return status >= 200 && status < 300 && !page;
}

/** An answer that is none for Slack, in words for the log. */
export function describeStatus({ status, headers }: UpstreamResponse): string {
  if (status < 300)
    return `HTTP ${status} with an HTML page: a login page or a proxy’s, in Spacelift’s place`;
  if (status === 401 || status === 403) {
    return `HTTP ${status}: it refuses the signature; is its SLACK_SECRET the same as here?`;
  }
  if (status >= 300 && status < 400) {
    const location = String(headers['location'] ?? '');
    const to = URL.canParse(location) ? ` to ${new URL(location).host}` : '';
    return `HTTP ${status}: a redirect${to}, which is not followed`;
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
      reason: 'broken-off',
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
    reason: neverConnected(cause) ? 'unreachable' : 'broken-off',
    detail: describeFailure(cause) + (isOtherName ? ': see --upstream-host' : ''),
  };
}
