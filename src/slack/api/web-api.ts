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
  /** Ends every call and every wait at once; the call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** The time limit of one request. */
  readonly timeoutMs?: number;
  /** How long one call may wait in total before it is retried after a 429. */
  readonly longestWaitSeconds?: number;
  /** Called before each such wait. */
  readonly onRateLimit?: (method: string, seconds: number) => void;
}

type SlackAuth =
  | { readonly token: string }
  /** HTTP Basic, as Slack prefers it for the OAuth methods. */
  | { readonly clientId: string; readonly clientSecret: string };

/** Why a call failed. */
export type SlackFailure =
  /** Slack responded with `ok: false` and an error word. */
  | { readonly kind: 'refused'; readonly error: string; readonly body: JsonObject }
  /** HTTP 429, and `Retry-After` exceeds the longest wait. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'http'; readonly status: number }
  /** HTTP 2xx without the JSON that Slack documents: the page of a proxy, or another server. */
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
   * Calls one method with a form body. After a 429 the call is retried, up to the longest wait. No other failure is
   * retried: the call may have taken effect.
   */
  call(
    method: string,
    args: Readonly<Record<string, string>>,
    auth?: SlackAuth,
    /** Ends the request instead of the signal in the settings, which still ends a wait. */
    signal?: AbortSignal,
  ): Promise<SlackResult<JsonObject>>;
}

/**
 * A signal that aborts some time after another one, for a call whose response comes once and must be kept: Slack gets
 * the time that it usually needs to respond. A call that rejects with the reason of the other signal was not sent: it
 * waited for a rate limit.
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

/** Slack's Web API. @slack/web-api sends the forms; this function handles rate limits, time limits and failures. */
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
      // The client's type has few keys; the value is the JSON object that `sender` accepted.
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
 * Whether a failed call may have taken effect, so that it must not be retried blindly. Slack documents that
 * `internal_error` and `fatal_error` may come after part of the work was done.
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

class UnreadableResponse extends Error {}

/**
 * A fetch that uses the proxy, observes the signal, and reads the body within the same time limit. It accepts only a
 * JSON object: the client would treat any other page as an error word.
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
    if (response.ok && !isJsonObject(text)) throw new UnreadableResponse();
    const headers = new Headers([...response.headers]);
    // Slack always sends the seconds. A proxy that does not usually limits by the minute.
    if (response.status === 429 && !/^\d+$/.test(headers.get('retry-after') ?? ''))
      headers.set('retry-after', '60');
    // Some statuses, such as 304, must not have a body, not even an empty one.
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
  if (original instanceof UnreadableResponse) return { kind: 'unreadable' };
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

/** Without it the client would log bodies and warnings to the console. */
const silence: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
