import { isObject } from '../json-value.ts';
import { findRelayRemark } from '../slack/relay-remark.ts';
import type { ImitatedRequest, RequestKind } from './requests.ts';
import type { EndpointResponse } from './send-request.ts';

/** How long Slack waits for a response, in milliseconds (Slack: Events API, Implementing slash commands). */
export const slackTimeoutMs = 3000;

/** Too Many Requests. */
const rateLimited = 429;

/** `accepted`: the request is as Slack sends it. `rejected`: its signature or its timestamp is wrong on purpose. */
export type Expectation = 'accepted' | 'rejected';

export interface Verdict {
  readonly ok: boolean;
  /** Why not, each a sentence. */
  readonly problems: readonly string[];
  /** The error word that Slack would show, for `explain`. */
  readonly word?: string;
  /** What the response does not prove although it is accepted, as a sentence. */
  readonly note?: string;
}

/** Judges a response: would Slack accept it or, for a forged request, did the endpoint reject it? */
export function judgeResponse(
  kind: RequestKind,
  request: ImitatedRequest,
  response: EndpointResponse | 'late',
  expectation: Expectation,
): Verdict {
  const problems =
    expectation === 'accepted' ? unaccepted(kind, request, response) : unrejected(kind, response);
  if (problems.length === 0) {
    const note = response === 'late' ? undefined : noteOn(kind, expectation, response);
    return { ok: true, problems, ...(note === undefined ? {} : { note }) };
  }
  const word = expectation === 'accepted' ? wordFor(kind, response) : undefined;
  return { ok: false, problems, ...(word === undefined ? {} : { word }) };
}

/** Whether a body returns the challenge in one of the three formats that Slack accepts (Slack: url_verification). */
export function echoesChallenge(body: string, challenge: string): boolean {
  const text = body.trim();
  if (text === challenge || new URLSearchParams(text).get('challenge') === challenge) return true;
  const value = parseJson(text);
  return isObject(value) && value['challenge'] === challenge;
}

function unaccepted(
  kind: RequestKind,
  request: ImitatedRequest,
  response: EndpointResponse | 'late',
): string[] {
  if (response === 'late') return ['No response in time: Slack waits 3 seconds.'];
  const { status, milliseconds } = response;
  const problems: string[] = [];
  if (milliseconds > slackTimeoutMs) {
    problems.push(`The response took ${milliseconds} ms: Slack waits ${slackTimeoutMs} ms.`);
  }
  if (status >= 300 && status < 400) {
    const to = response.location === undefined ? 'without a location' : `to ${response.location}`;
    problems.push(`Status ${status} redirects ${to}: the endpoint itself must respond.`);
  } else if (isEvent(kind) ? status < 200 || status >= 400 : status !== 200) {
    problems.push(`Expected status ${isEvent(kind) ? '2xx' : '200'}, got ${status}.`);
  } else {
    problems.push(...bodyProblems(kind, request, response));
  }
  return problems;
}

function bodyProblems(
  kind: RequestKind,
  { challenge }: ImitatedRequest,
  response: EndpointResponse,
): string[] {
  if (kind === 'url-verification') {
    const returned = challenge !== undefined && echoesChallenge(response.body, challenge);
    return returned ? [] : ['The response does not return the challenge.'];
  }
  if (/^text\/html\b/i.test(response.contentType)) {
    return ['The response is an HTML page: a login page or a proxy responded instead of the endpoint.'];
  }
  const isJson = /^application\/json\b/i.test(response.contentType);
  if (kind === 'slash-command' && isJson && response.body.trim() !== '' && !isMessage(response)) {
    return ['The content type is JSON, but the body is not a JSON object.'];
  }
  return [];
}

function unrejected(kind: RequestKind, response: EndpointResponse | 'late'): string[] {
  if (response === 'late') return ['No response: a forged request must be rejected at once.'];
  const { status } = response;
  if ([400, 401, 403, rateLimited].includes(status)) return [];
  if (status >= 200 && status < 300) {
    // Slack may send these without a signature, and they have no effect.
    if (kind === 'ssl-check') return [];
    return [`The endpoint accepted it with status ${status}, although Slack cannot have sent it.`];
  }
  return [`Expected status 401, got ${status}.`];
}

/**
 * What is doubtful about a challenge that came back as HTML: Slack documents three other types (Slack: url_verification
 * event), and frameworks choose HTML for a bare word.
 *
 * @returns a clause that follows "came back" and a sentence; undefined for another type
 */
export function htmlChallengeRemark(
  contentType: string,
): { readonly detail: string; readonly hint: string } | undefined {
  if (!/^text\/html\b/i.test(contentType)) return undefined;
  return {
    detail: 'as text/html; Slack documents text/plain, application/json and form encoding (url_verification)',
    hint: 'Send the challenge as text/plain.',
  };
}

function noteOn(
  kind: RequestKind,
  expectation: Expectation,
  { status, body, contentType }: EndpointResponse,
): string | undefined {
  if (kind === 'url-verification' && expectation === 'accepted') {
    const remark = htmlChallengeRemark(contentType);
    if (remark) return `The challenge came back ${remark.detail}. ${remark.hint}`;
  }
  if (status === rateLimited) {
    return 'The endpoint is rate limited (429), so the signature was not tested: retry in a minute.';
  }
  const requestId = findRelayRemark(body);
  return requestId === undefined
    ? undefined
    : `A relay responded instead of Spacelift, which failed or cannot be reached: see request ${requestId} in the relay's log.`;
}

/** The error word that Slack shows for a response. */
function wordFor(kind: RequestKind, response: EndpointResponse | 'late'): string | undefined {
  if (kind === 'ssl-check') return undefined;
  if (kind === 'url-verification') return 'challenge_failed';
  const late = response === 'late' || response.milliseconds > slackTimeoutMs;
  if (isEvent(kind)) return late ? 'http_timeout' : response.status >= 400 ? 'http_error' : undefined;
  if (late) return 'operation_timeout';
  if (kind === 'block-actions' || response.status < 400) return 'dispatch_failed';
  return response.status < 500 ? 'http_client_error' : 'http_service_error';
}

function isEvent(kind: RequestKind): boolean {
  return kind === 'event' || kind === 'app-uninstalled';
}

function isMessage({ body, cut }: EndpointResponse): boolean {
  return cut || isObject(parseJson(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
