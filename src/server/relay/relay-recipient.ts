import { relayRemark } from '../../slack/relay-remark.ts';
import type { Store } from '../../store/store.ts';
import { type Answer, json, type Note, type Request } from '../http/exchange.ts';
import { ephemeral } from '../webhook/ephemeral-message.ts';
import {
  answerCheck,
  type Of,
  type Recipient,
  takeEvent,
  timeLeft,
  webhookPath,
  who,
} from '../webhook/slack-webhook.ts';
import { refuseLoop, slackHeaders } from './headers.ts';
import type { Messenger } from './messenger.ts';
import {
  describeStatus,
  isTaken,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamFailure,
} from './upstream.ts';

export interface RecipientSettings {
  readonly upstream: Upstream;
  readonly store: Store;
  readonly messenger: Messenger;
  /** Called when a new event has been stored. */
  readonly onStored: () => void;
}

/** Passes on what people do, and keeps events until they can be passed on. */
export function relayRecipient(settings: RecipientSettings): Recipient {
  return async (request, slack) => {
    const loop = refuseLoop(request, slack.kind);
    if (loop) return loop;
    switch (slack.kind) {
      case 'ssl-check':
      case 'url-verification':
        return answerCheck(slack);
      case 'event': {
        const answer = await takeEvent(request, slack, settings.store, slackHeaders(request));
        if (answer.note.verdict === 'stored') settings.onStored();
        return answer;
      }
      case 'command': {
        const note = { kind: 'command', who: who(slack), what: slack.command.slice(0, 60) };
        const result = await pass(request, settings);
        if (isFine(result)) return handBack(result, note);
        return json(200, apology(result, request.id), failed(note, result));
      }
      case 'interaction':
        return passInteraction(request, slack, settings);
      case 'other': {
        const note = { kind: 'other', who: who(slack), what: slack.type };
        const result = await pass(request, settings);
        if (result.kind === 'answer') return handBack(result, note);
        // Nobody reads a sentence here; whoever sent it may send it again.
        return json(503, { error: 'upstream_unavailable' }, failed(note, result));
      }
    }
  };
}

async function passInteraction(
  request: Request,
  interaction: Of<'interaction'>,
  settings: RecipientSettings,
): Promise<Answer> {
  const { type, actionIds, responseUrl } = interaction;
  const note = { kind: 'interaction', who: who(interaction), what: [type, ...actionIds].join(' ') };
  const result = await pass(request, settings);
  if (isFine(result)) return handBack(result, note);
  if (type === 'block_suggestion') return json(200, { options: [] }, failed(note, result));
  if (type === 'view_submission') return json(200, apologyView(result, request.id), failed(note, result));
  const message = { ...apology(result, request.id), replace_original: false };
  // Of the answer to a button Slack shows nothing: only what comes by the response_url is read.
  settings.messenger.send(responseUrl, message, request.id);
  return json(200, message, failed(note, result));
}

function pass(request: Request, { upstream }: RecipientSettings) {
  return upstream.ask({
    method: 'POST',
    path: webhookPath,
    headers: slackHeaders(request),
    body: request.body,
    timeLimit: timeLeft(request),
  });
}

type Unfit = UpstreamAnswer | UpstreamFailure;

function isFine(result: Unfit): result is UpstreamAnswer {
  return result.kind === 'answer' && isTaken(result);
}

function handBack({ status, headers, body }: UpstreamAnswer, note: Omit<Note, 'verdict'>): Answer {
  return { status, headers, body, note: { ...note, verdict: 'passed on' } };
}

function failed(note: Omit<Note, 'verdict'>, result: Unfit): Note {
  const cause = result.kind === 'answer' ? describeStatus(result) : result.detail;
  return { ...note, verdict: 'not passed on', error: new Error(`the upstream: ${cause}`) };
}

/** What the person reads in the place of Spacelift's answer. */
function apology(result: Unfit, requestId: string) {
  return ephemeral(sentence(result), relayRemark(requestId));
}

function apologyView(result: Unfit, requestId: string) {
  const { blocks } = apology(result, requestId);
  const title = { type: 'plain_text', text: 'Not sent' };
  return { response_action: 'update', view: { type: 'modal', title, blocks } };
}

function sentence(result: Unfit): string {
  if (result.kind === 'answer') {
    if (result.status < 300) return 'A page in front of Spacelift answered in its place. Nothing was done.';
    return result.status >= 500
      ? `Spacelift failed (HTTP ${result.status}). Look whether anything has happened before you try again.`
      : `Spacelift did not take this (HTTP ${result.status}). Nothing was done.`;
  }
  switch (result.reason) {
    case 'spared':
    case 'unreachable':
      return 'Spacelift cannot be reached at the moment. Nothing was done; please try again in a minute.';
    case 'late':
      return 'Spacelift did not answer in time. It may still do what you asked: look before you try again.';
    case 'broken-off':
      return 'Spacelift broke off its answer. Look whether anything has happened before you try again.';
  }
}
