import { isObject } from '../json-value.ts';
import { findRelayRemark } from '../slack/relay-remark.ts';
import type { RequestKind, SlackRequest } from './requests.ts';
import type { Answer } from './send-request.ts';

/** How long Slack waits for an answer, in milliseconds (Slack: Events API, Implementing slash commands). */
export const slackPatience = 3000;

/** Too Many Requests. */
const limited = 429;

/** `accepted`: the request is as Slack makes it. `refused`: its signature or its time is wrong on purpose. */
export type Expectation = 'accepted' | 'refused';

export interface AnswerVerdict {
  readonly ok: boolean;
  /** Why not, each a sentence. */
  readonly problems: readonly string[];
  /** The word that Slack would show, for `explain`. */
  readonly word?: string;
  /** What the answer does not prove, though it looks well: a sentence. */
  readonly note?: string;
}

/** Tells whether an answer is what Slack needs; for a forged request, whether the endpoint saw through it. */
export function judgeAnswer(
  kind: RequestKind,
  request: SlackRequest,
  answer: Answer | 'late',
  expectation: Expectation,
): AnswerVerdict {
  const problems = expectation === 'accepted' ? unmet(kind, request, answer) : unrefused(kind, answer);
  if (problems.length === 0) {
    const note = answer === 'late' ? undefined : noteOn(answer);
    return { ok: true, problems, ...(note === undefined ? {} : { note }) };
  }
  const word = expectation === 'accepted' ? wordFor(kind, answer) : undefined;
  return { ok: false, problems, ...(word === undefined ? {} : { word }) };
}

/**
 * True where a body gives the challenge back in one of the three ways that Slack takes (Slack: url_verification).
 */
export function echoesChallenge(body: string, challenge: string): boolean {
  const text = body.trim();
  if (text === challenge || new URLSearchParams(text).get('challenge') === challenge) return true;
  const value = parseJson(text);
  return isObject(value) && value['challenge'] === challenge;
}

function unmet(kind: RequestKind, request: SlackRequest, answer: Answer | 'late'): string[] {
  if (answer === 'late') return ['The answer did not come; Slack waits for 3 seconds.'];
  const { status, milliseconds } = answer;
  const problems: string[] = [];
  if (milliseconds > slackPatience)
    problems.push(`The answer took ${milliseconds} ms; Slack waits for 3,000.`);
  if (status >= 300 && status < 400) {
    problems.push(`It redirects to ${answer.location ?? 'nowhere'}; the endpoint must answer by itself.`);
  } else if (isEvent(kind) ? status < 200 || status >= 400 : status !== 200) {
    problems.push(`The status is ${status}; Slack needs ${isEvent(kind) ? '2xx' : '200'}.`);
  } else {
    problems.push(...unmetBody(kind, request, answer));
  }
  return problems;
}

function unmetBody(kind: RequestKind, { challenge }: SlackRequest, answer: Answer): string[] {
  if (kind === 'url-verification' && (challenge === undefined || !echoesChallenge(answer.body, challenge))) {
    return ['The challenge did not come back.'];
  }
  if (/^text\/html\b/i.test(answer.contentType)) {
    return ['An HTML page came back: a login page, or a proxy’s, in the endpoint’s place.'];
  }
  const saysJson = /^application\/json\b/i.test(answer.contentType);
  if (kind === 'slash-command' && saysJson && answer.body.trim() !== '' && !isMessage(answer)) {
    return ['The body is announced as JSON and is not a JSON object.'];
  }
  return [];
}

function unrefused(kind: RequestKind, answer: Answer | 'late'): string[] {
  if (answer === 'late') return ['The answer did not come; a forged request must be refused at once.'];
  const { status } = answer;
  if ([400, 401, 403, limited].includes(status)) return [];
  if (status >= 200 && status < 300) {
    // Slack may send these unsigned, and they ask for nothing.
    if (kind === 'ssl-check') return [];
    return [`It was accepted (status ${status}), though Slack cannot have made it.`];
  }
  return [`The status is ${status}; a forged request must be refused with 401.`];
}

function noteOn({ status, body }: Answer): string | undefined {
  if (status === limited) {
    return 'It was turned away as one request too many (429), which says nothing of its signature: try again in a minute.';
  }
  const requestId = findRelayRemark(body);
  return requestId === undefined
    ? undefined
    : `A relay answered in Spacelift’s place, which gave it no good answer; its log has the cause under request ${requestId}.`;
}

/** What Slack says when it gets such an answer. */
function wordFor(kind: RequestKind, answer: Answer | 'late'): string | undefined {
  if (kind === 'ssl-check') return undefined;
  if (kind === 'url-verification') return 'challenge_failed';
  const late = answer === 'late' || answer.milliseconds > slackPatience;
  if (isEvent(kind)) return late ? 'http_timeout' : answer.status >= 400 ? 'http_error' : undefined;
  if (late) return 'operation_timeout';
  if (kind === 'block-actions' || answer.status < 400) return 'dispatch_failed';
  return answer.status < 500 ? 'http_client_error' : 'http_service_error';
}

function isEvent(kind: RequestKind): boolean {
  return kind === 'event' || kind === 'app-uninstalled';
}

function isMessage({ body, cut }: Answer): boolean {
  return cut || isObject(parseJson(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
