import { type Rejection, signingKey, verify } from '../../slack/signature.ts';
import type { RequestHeaders } from '../http/headers.ts';
import { type Handled, type HttpRequest, json, type Route, type RouteResult } from '../http/route.ts';
import type { RequestSubject } from '../outcome.ts';
import { readSlackPayload, type SlackPayload } from './slack-payload.ts';

/** The path for commands, events and interactivity, as in Spacelift's manifest. */
export const webhookPath = '/webhooks/slack';

/** When a response must leave, in milliseconds: Slack waits 3 s, and the network needs a part of it. */
const responseDeadline = 2_500;

/** How much time is left for the response, in milliseconds. A body that arrived slowly has used some of it. */
export function timeLeft({ startedAt }: HttpRequest): number {
  return Math.max(1, Math.round(startedAt + responseDeadline - performance.now()));
}

/**
 * Handles what Slack sent, within {@link timeLeft}: the stand-in or the relay.
 *
 * @param request as it arrived; its signature is valid
 * @param payload what it contains
 */
export type SlackHandler = (request: HttpRequest, payload: SlackPayload) => Promise<Handled>;

export interface SlackWebhookSettings {
  /** The current signing secret, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  /** From this time on, in milliseconds since the epoch, only the current secret is accepted. */
  readonly previousSecretUntil?: number | undefined;
  readonly handler: SlackHandler;
}

/**
 * `POST /webhooks/slack`: verifies the raw bytes before anything is parsed, reads the payload, and passes it to the
 * handler. It works on plain values, so that a request that is rebuilt from a Socket Mode envelope takes the same way.
 */
export function slackWebhook({
  signingSecrets,
  previousSecretUntil = Number.POSITIVE_INFINITY,
  handler,
}: SlackWebhookSettings): Route {
  const signingKeys = signingSecrets.map(signingKey);
  return {
    method: 'POST',
    path: webhookPath,
    kind: 'slack',
    async handle(request): Promise<RouteResult> {
      const { headers, body, receivedAt } = request;
      const verdict = verify(
        {
          signatures: headers['x-slack-signature'] ?? [],
          timestamps: headers['x-slack-request-timestamp'] ?? [],
          body,
        },
        receivedAt < previousSecretUntil ? signingKeys : signingKeys.slice(0, 1),
        Math.floor(receivedAt / 1000),
      );
      if (!verdict.valid) return isUnsignedSslCheck(request) ? unsignedSslCheck : rejected(verdict);
      const secret = verdict.secret === 0 ? undefined : 'previous';
      const read = readSlackPayload(headers['content-type'] ?? [], body);
      if (!read.ok) {
        const error = read.status === 415 ? 'unsupported_media_type' : 'malformed_request';
        return {
          response: json(read.status, { error }),
          subject: { kind: 'slack', secret },
          outcome: { kind: 'invalid-request', reason: read.reason, isVerified: true },
        };
      }
      const { response, outcome } = await handler(request, read.payload);
      const { kind, who, what, eventId } = describePayload(read.payload);
      // Copying objects of many shapes, key by key, is slow.
      return { response, outcome, subject: { kind, who, what, eventId, retry: retryOf(headers), secret } };
    },
  };
}

/** Far more than Slack sends: an unverified body is only parsed if it is short. */
const maxSslCheckBytes = 4096;

/**
 * Whether this is Slack's certificate check without a signature, as Slack sends it to publicly distributed apps. The
 * response is 200 and nothing is done, so that it does not matter who sent it.
 */
function isUnsignedSslCheck({ headers, body }: HttpRequest): boolean {
  if (headers['x-slack-signature']?.length || body.length > maxSslCheckBytes) return false;
  const read = readSlackPayload(headers['content-type'] ?? [], body);
  return read.ok && read.payload.kind === 'ssl-check';
}

const unsignedSslCheck: RouteResult = {
  response: { status: 200 },
  subject: { kind: 'ssl_check' },
  outcome: { kind: 'unsigned-ssl-check' },
};

const invalidSignature = json(401, { error: 'invalid_signature' });

/** The operator learns from the log which side is wrong; the caller learns nothing. */
function rejected(rejection: Rejection): RouteResult {
  const { reason } = rejection;
  return {
    response: invalidSignature,
    subject: { kind: 'slack' },
    outcome:
      reason === 'timestamp-stale'
        ? { kind: 'rejected', reason, skewSeconds: rejection.skewSeconds }
        : { kind: 'rejected', reason },
  };
}

/** How often Slack has sent this before, and why it sends it again, by its own headers. */
function retryOf(headers: RequestHeaders): string | undefined {
  const number = headers['x-slack-retry-num']?.[0];
  if (number === undefined) return undefined;
  const reason = headers['x-slack-retry-reason']?.[0] ?? 'no reason given';
  return `${number} (${reason})`.slice(0, 60);
}

function describePayload(payload: SlackPayload): RequestSubject {
  switch (payload.kind) {
    case 'ssl-check':
      return { kind: 'ssl_check' };
    case 'url-verification':
      return { kind: 'url_verification' };
    case 'event': {
      const { teamId, enterpriseId, type, eventId } = payload;
      return { kind: 'event', who: teamId ?? enterpriseId, what: type, eventId };
    }
    case 'command':
      return { kind: 'command', who: whoOf(payload), what: payload.command.slice(0, 60) };
    case 'interaction':
      return {
        kind: 'interaction',
        who: whoOf(payload),
        what: [payload.type, ...payload.actionIds].join(' '),
      };
    case 'other':
      return { kind: 'other', who: payload.teamId, what: payload.type };
  }
}

function whoOf(payload: { readonly teamId: string | undefined; readonly userId: string | undefined }) {
  const { teamId, userId } = payload;
  return teamId === undefined || userId === undefined ? (teamId ?? userId) : `${teamId}/${userId}`;
}
