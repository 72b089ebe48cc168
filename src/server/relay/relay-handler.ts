import { relayRemark } from '../../slack/relay-remark.ts';
import type { QueueLimit } from '../../store/delivery-queue.ts';
import type { Store } from '../../store/store.ts';
import { type Handled, type HttpRequest, json } from '../http/route.ts';
import type { Outcome } from '../outcome.ts';
import { handleEndpointCheck } from '../webhook/endpoint-checks.ts';
import { ephemeral } from '../webhook/ephemeral-message.ts';
import type { Messenger } from '../webhook/messenger.ts';
import type { PayloadOf } from '../webhook/slack-payload.ts';
import { type SlackHandler, timeLeft, webhookPath } from '../webhook/slack-webhook.ts';
import { storeEvent } from '../webhook/store-event.ts';
import { detectLoop, slackHeaders } from './headers.ts';
import type { Repetitions } from './repetitions.ts';
import {
  describeStatus,
  isAccepted,
  type Upstream,
  type UpstreamFailure,
  type UpstreamResponse,
} from './upstream.ts';

export interface RelayHandlerSettings {
  readonly upstream: Upstream;
  readonly store: Store;
  readonly messenger: Messenger;
  readonly repetitions: Repetitions;
  readonly queueLimit: QueueLimit;
  /** Called when an event was received, with what became of it. */
  readonly onEvent: (outcome: Outcome) => void;
}

/** Forwards what people do and returns the upstream's response; stores events, to be delivered later. */
export function relayHandler(settings: RelayHandlerSettings): SlackHandler {
  return async (request, payload) => {
    const loop = detectLoop(request);
    if (loop) return loop;
    switch (payload.kind) {
      case 'ssl-check':
      case 'url-verification':
        return handleEndpointCheck(payload);
      case 'event': {
        const { store, queueLimit, onEvent } = settings;
        const handled = await storeEvent(request, payload, store, {
          delivery: slackHeaders(request),
          queueLimit,
        });
        onEvent(handled.outcome);
        return handled;
      }
      case 'command':
      case 'interaction':
      case 'other':
        return settings.repetitions.handle(request, () => forwardPayload(request, payload, settings));
    }
  };
}

async function forwardPayload(
  request: HttpRequest,
  payload: PayloadOf<'command' | 'interaction' | 'other'>,
  settings: RelayHandlerSettings,
): Promise<Handled> {
  if (payload.kind === 'interaction') return forwardInteraction(request, payload, settings);
  const result = await forward(request, payload, settings);
  if (payload.kind === 'command') {
    if (isUsable(result)) return returned(result);
    return notForwarded(result, json(200, unavailableMessage(result, request.id)));
  }
  if (result.kind === 'response') return returned(result);
  // No person reads a message here; Slack may send it again.
  return notForwarded(result, json(503, { error: 'upstream_unavailable' }));
}

async function forwardInteraction(
  request: HttpRequest,
  interaction: PayloadOf<'interaction'>,
  settings: RelayHandlerSettings,
): Promise<Handled> {
  const { type, responseUrl } = interaction;
  const result = await forward(request, interaction, settings);
  if (isUsable(result)) return returned(result);
  if (type === 'block_suggestion') return notForwarded(result, json(200, { options: [] }));
  if (type === 'view_submission') {
    return notForwarded(result, json(200, rejectSubmission(result, request.id, interaction)));
  }
  const message = { ...unavailableMessage(result, request.id), replace_original: false };
  // Slack shows nothing of the response to a button: only what is sent to the response_url is read.
  settings.messenger.send(responseUrl, message, request.id);
  return notForwarded(result, { status: 200 });
}

function forward(
  request: HttpRequest,
  payload: PayloadOf<'command' | 'interaction' | 'other'>,
  { upstream }: RelayHandlerSettings,
) {
  return upstream.send({
    method: 'POST',
    path: webhookPath,
    headers: slackHeaders(request),
    body: request.body,
    timeLimit: timeLeft(request),
    sender: [payload.teamId, 'userId' in payload && payload.userId].join('/'),
  });
}

type Forwarded = UpstreamResponse | UpstreamFailure;

function isUsable(result: Forwarded): result is UpstreamResponse {
  return result.kind === 'response' && isAccepted(result);
}

function returned({ status, headers, body }: UpstreamResponse): Handled {
  return { response: { status, headers, body }, outcome: { kind: 'forwarded' } };
}

function notForwarded(result: Forwarded, response: Handled['response']): Handled {
  const reason = result.kind === 'response' ? describeStatus(result) : result.detail;
  return { response, outcome: { kind: 'not-forwarded', reason: `upstream: ${reason}` } };
}

/** What the person reads in place of Spacelift's response. */
function unavailableMessage(result: Forwarded, requestId: string) {
  return ephemeral(explain(result), relayRemark(requestId));
}

/**
 * Keeps the modal open with the message at its first input, so that what the person typed is not lost (Slack: Modals,
 * displaying errors in views). A modal without an input is replaced by the message.
 */
function rejectSubmission(
  result: Forwarded,
  requestId: string,
  { firstInputBlockId }: PayloadOf<'interaction'>,
) {
  if (firstInputBlockId !== undefined) {
    const message = `${explain(result)} ${relayRemark(requestId)}`;
    return { response_action: 'errors', errors: { [firstInputBlockId]: message } };
  }
  const { blocks } = unavailableMessage(result, requestId);
  const title = { type: 'plain_text', text: 'Not sent' };
  return { response_action: 'update', view: { type: 'modal', title, blocks } };
}

function explain(result: Forwarded): string {
  if (result.kind === 'response') {
    if (result.status < 300)
      return 'A login page or a proxy in front of Spacelift responded in its place. Nothing was done.';
    return result.status >= 500
      ? `Spacelift failed (HTTP ${result.status}). Check whether anything happened before you try again.`
      : `Spacelift rejected the request (HTTP ${result.status}). Nothing was done.`;
  }
  switch (result.reason) {
    case 'circuit-open':
    case 'unreachable':
      return 'Spacelift cannot be reached at the moment. Nothing was done. Try again in a minute.';
    case 'late':
      return 'Spacelift did not respond in time. It may still do what you asked for: check before you try again.';
    case 'incomplete':
      return 'The response of Spacelift was incomplete. Check whether anything happened before you try again.';
  }
}
