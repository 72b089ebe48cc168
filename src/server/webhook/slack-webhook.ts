import { within } from '../../net/time-limit.ts';
import { type Refusal, signingKey, verify } from '../../slack/signature.ts';
import type { DeliveryHeaders } from '../../store/delivery-queue.ts';
import type { Store } from '../../store/store.ts';
import { type Answer, json, type Note, type Request, type Route } from '../http/exchange.ts';
import type { RequestHeaders } from '../http/headers.ts';
import { readSlackRequest, type SlackRequest } from './slack-request.ts';

/** The one path for commands, events and interactivity, as Spacelift's manifest has it. */
export const webhookPath = '/webhooks/slack';

/** When an answer must leave, in milliseconds: Slack waits 3 s, and the way there and back is part of them. */
const answerDeadline = 2_500;

/** How much of Slack's time is left for an answer, in milliseconds. A body that came slowly has used some of it. */
export function timeLeft({ startedAt }: Request): number {
  return Math.max(1, Math.round(startedAt + answerDeadline - performance.now()));
}

/**
 * Answers a request that Slack made, in the {@link timeLeft}.
 *
 * @param request as it came, verified
 * @param slack as it was read
 */
export type Recipient = (request: Request, slack: SlackRequest) => Answer | Promise<Answer>;

export interface SlackWebhookSettings {
  /** The current signing secret, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  readonly recipient: Recipient;
}

/** `POST /webhooks/slack`: verifies the raw bytes before anything is parsed, reads them, and has them answered. */
export function slackWebhook({ signingSecrets, recipient }: SlackWebhookSettings): Route {
  const signingKeys = signingSecrets.map(signingKey);
  return {
    method: 'POST',
    path: webhookPath,
    handle(request) {
      const { headers, body, receivedAt } = request;
      const verdict = verify(
        {
          signatures: headers.values('x-slack-signature'),
          timestamps: headers.values('x-slack-request-timestamp'),
          body,
        },
        signingKeys,
        Math.floor(receivedAt / 1000),
      );
      if (!verdict.valid) return json(401, { error: 'invalid_signature' }, refusalNote(verdict));
      const read = readSlackRequest(headers.values('content-type'), body);
      const secret = verdict.secret === 0 ? undefined : 'previous';
      if (!read.ok) {
        const error = read.status === 415 ? 'unsupported_media_type' : 'malformed_request';
        const note = { kind: 'slack', verdict: 'refused', reason: read.reason, secret } as const;
        return json(read.status, { error }, note);
      }
      const answer = recipient(request, read.request);
      const again = retry(headers);
      if (again === undefined && secret === undefined) return answer;
      const noted = (plain: Answer): Answer => ({ ...plain, note: { ...plain.note, retry: again, secret } });
      return answer instanceof Promise ? answer.then(noted) : noted(answer);
    },
  };
}

/** What an operator needs in order to see which side is wrong; the caller learns nothing of it. */
function refusalNote(refusal: Refusal): Note {
  const note = { kind: 'slack', verdict: 'rejected', reason: refusal.reason };
  return refusal.reason === 'timestamp-stale' ? { ...note, skewSeconds: refusal.skewSeconds } : note;
}

/** Slack's own count of the times that it has sent an event before, and its reason. */
function retry(headers: RequestHeaders): string | undefined {
  const [number] = headers.values('x-slack-retry-num');
  if (number === undefined) return undefined;
  const [reason = 'no reason given'] = headers.values('x-slack-retry-reason');
  return `${number} (${reason})`.slice(0, 60);
}

/** Answers what Slack asks of an endpoint, and not of what stands behind it. */
export function answerCheck(check: Of<'ssl-check' | 'url-verification'>): Answer {
  if (check.kind === 'ssl-check') return { status: 200, note: { kind: 'ssl_check', verdict: 'answered' } };
  const note = { kind: 'url_verification', verdict: 'challenge answered' };
  return json(200, { challenge: check.challenge }, note);
}

/** A request of one kind, as it was read. */
export type Of<Kind extends SlackRequest['kind']> = Extract<SlackRequest, { kind: Kind }>;

/** Stores an event, to be passed on where headers are given, then acknowledges it. One that cannot be stored is left to Slack, which sends it again. */
export async function takeEvent(
  request: Request,
  event: Of<'event'>,
  store: Store,
  delivery?: DeliveryHeaders,
): Promise<Answer> {
  const { eventId, type: what } = event;
  const note = { kind: 'event', who: event.teamId ?? event.enterpriseId, what, eventId };
  try {
    const outcome = await within(
      timeLeft(request),
      store.recordEvent({
        eventId,
        workspace: event.teamId ?? event.enterpriseId ?? '',
        type: what,
        body: request.body,
        receivedAt: request.receivedAt,
        ...(delivery ? { delivery } : {}),
        ...(event.removes ? { removes: event.removes } : {}),
      }),
    );
    return { status: 200, note: { ...note, verdict: outcome === 'stored' ? 'stored' : 'known already' } };
  } catch (error) {
    return json(503, { error: 'store_unavailable' }, { ...note, verdict: 'not stored', error });
  }
}

/** Whose request it was, for the log. */
export function who({
  teamId,
  userId,
}: {
  readonly teamId?: string | undefined;
  readonly userId?: string | undefined;
}) {
  return teamId === undefined || userId === undefined ? (teamId ?? userId) : `${teamId}/${userId}`;
}
