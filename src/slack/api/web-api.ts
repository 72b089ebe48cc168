import { setTimeout as sleep } from 'node:timers/promises';
import {
  type FetchFunction,
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import { type Dispatcher, fetch } from 'undici';
import { isObject, type JsonObject } from '../../json-value.ts';
import { type ConnectionFailure, classifyFailure, neverConnected } from '../../net/connection-failure.ts';
import { proxyAgent } from '../../net/proxy-agent.ts';
import { TimeUp, withTimeLimit } from '../../net/time-limit.ts';

export interface SlackApiSettings {
  /** Slack's origin, such as `https://slack.com`; GovSlack is `https://slack-gov.com`. */
  readonly url: string;
  /** For HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends every call and every wait at once; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The time limit of one request. */
  readonly timeoutMs?: number;
  /** How long a call may wait, in all, for Slack to take it after a 429. */
  readonly longestWaitSeconds?: number;
  /** Told before each such wait. */
  readonly onRateLimit?: (method: string, seconds: number) => void;
}

type SlackAuth =
  | { readonly token: string }
  /** HTTP Basic, as Slack prefers it for the OAuth methods. */
  | { readonly clientId: string; readonly clientSecret: string };

/** Why a call brought nothing. */
export type SlackFailure =
  /** Slack answered `ok: false` with an error word. */
  | { readonly kind: 'refused'; readonly error: string; readonly body: JsonObject }
  /** HTTP 429, and Slack wants to be left alone for longer than we wait. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'http'; readonly status: number }
  /** HTTP 2xx, but not the JSON that Slack's documentation promises: a proxy's page, or another server. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  /** The error's own message is left out: that about a header that cannot be sent quotes its token. */
  | { readonly kind: 'unreachable'; readonly cause: ConnectionFailure };

export type SlackResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: SlackFailure };

export interface SlackApi {
  /** Slack's origin, for messages. */
  readonly url: string;
  /**
   * Calls one method with a form body. A 429 is waited out up to the limit; nothing else is ever repeated, since a
   * call that failed half-way may have been done.
   */
  call(
    method: string,
    args: Readonly<Record<string, string>>,
    auth?: SlackAuth,
    /** Ends the request in place of the settings' signal, which still ends a wait. */
    signal?: AbortSignal,
  ): Promise<SlackResult<JsonObject>>;
}

/**
 * A signal that follows another one late, for a call whose answer comes once and must be kept: it gets the time
 * that Slack commonly takes to answer before an interruption ends it. A call that rejects with the other signal's reason
 * was not under way, but waiting for Slack to take it.
 */
export function withGrace(signal: AbortSignal | undefined, graceMs = 2000): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    setTimeout(() => controller.abort(), graceMs).unref();
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

/** Slack's Web API over @slack/web-api, which sends the forms; waits, limits and failures are decided here. */
export function createSlackApi(settings: SlackApiSettings): SlackApi {
  const { url, timeoutMs = 30_000, longestWaitSeconds = 120 } = settings;
  const dispatcher = proxyAgent(settings.env);

  const once = async (
    method: string,
    args: Readonly<Record<string, string>>,
    auth: SlackAuth | undefined,
    signal: AbortSignal | undefined,
  ) => {
    const client = new WebClient(undefined, {
      slackApiUrl: `${url}/api/`,
      headers: auth ? { Authorization: authorization(auth) } : {},
      fetch: sender(dispatcher, timeoutMs, signal),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logger: silence,
    });
    try {
      const body = await client.apiCall(method, args);
      // The client's type names a few keys only; what it holds is the JSON object that `sender` let pass.
      return { ok: true, value: body as unknown as JsonObject } as const;
    } catch (error) {
      signal?.throwIfAborted();
      return { ok: false, failure: asFailure(error, timeoutMs) } as const;
    }
  };

  return {
    url,
    async call(method, args, auth, signal = settings.signal) {
      for (let waited = 0; ; ) {
        const result = await once(method, args, auth, signal);
        if (result.ok || result.failure.kind !== 'rate-limited') return result;
        const seconds = Math.max(1, result.failure.retryAfterSeconds);
        if (waited + seconds > longestWaitSeconds) return result;
        waited += seconds;
        settings.onRateLimit?.(method, seconds);
        await wait(seconds * 1000, settings.signal);
      }
    },
  };
}

/**
 * Whether the call may have taken effect although no answer says so: then it must not be repeated blindly.
 * Slack's documentation says of `internal_error` and `fatal_error` that some of the work may have been done.
 */
export function mayHaveTakenEffect(failure: SlackFailure): boolean {
  switch (failure.kind) {
    case 'refused':
      return ['internal_error', 'fatal_error', 'request_timeout'].includes(failure.error);
    case 'rate-limited':
      return false;
    case 'http':
      return failure.status >= 500;
    case 'unreadable':
    case 'timeout':
      return true;
    case 'unreachable':
      return !neverConnected(failure.cause);
  }
}

function authorization(auth: SlackAuth): string {
  if ('token' in auth) return `Bearer ${auth.token}`;
  return `Basic ${Buffer.from(`${auth.clientId}:${auth.clientSecret}`).toString('base64')}`;
}

class UnreadableAnswer extends Error {}

/**
 * A fetch that goes through the proxy, ends with the signal, and reads the body under the same time limit. It lets
 * only a JSON object through, since the client would take any other page for an error word.
 */
function sender(
  dispatcher: Dispatcher,
  timeoutMs: number,
  interruption: AbortSignal | undefined,
): FetchFunction {
  return async (url, { body, ...request } = {}) => {
    if (body !== undefined && typeof body !== 'string') throw new TypeError('only forms are sent to Slack');
    const { response, text } = await withTimeLimit(timeoutMs, interruption, async (signal) => {
      const response = await fetch(url, {
        ...request,
        ...(body === undefined ? {} : { body }),
        signal,
        dispatcher,
      });
      return { response, text: await response.text() };
    });
    if (response.ok && !isJsonObject(text)) throw new UnreadableAnswer();
    const headers = new Headers([...response.headers]);
    // Slack always names the seconds; where something between us and Slack does not, its limits are by the minute.
    if (response.status === 429 && !/^\d+$/.test(headers.get('retry-after') ?? ''))
      headers.set('retry-after', '60');
    // A 304, for one, may have no body at all, not even an empty one.
    return new Response(text || null, { status: response.status, headers });
  };
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

function asFailure(error: unknown, timeoutMs: number): SlackFailure {
  if (error instanceof WebAPIPlatformError) {
    const body = error.data as unknown as JsonObject;
    const word = body['error'];
    return typeof word === 'string' ? { kind: 'refused', error: word, body } : { kind: 'unreadable' };
  }
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'rate-limited', retryAfterSeconds: error.retryAfter };
  }
  if (error instanceof WebAPIHTTPError) return { kind: 'http', status: error.statusCode };
  if (!(error instanceof WebAPIRequestError)) throw error;
  const { original } = error;
  if (original instanceof UnreadableAnswer) return { kind: 'unreadable' };
  if (original instanceof TimeUp) return { kind: 'timeout', afterMs: timeoutMs };
  return { kind: 'unreachable', cause: classifyFailure(original) ?? { kind: 'other', code: 'UNKNOWN' } };
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    signal?.throwIfAborted();
  }
}

/** The client logs bodies and warnings to the console; what matters of them is in the result. */
const silence: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
