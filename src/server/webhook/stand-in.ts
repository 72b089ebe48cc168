import type { Store } from '../../store/store.ts';
import { type Answer, json, jsonText } from '../http/exchange.ts';
import { ephemeral } from './ephemeral-message.ts';
import { answerCheck, type Recipient, takeEvent, who } from './slack-webhook.ts';

/** The response to every slash command, whatever the manifest calls it. */
const explanation = JSON.stringify(
  ephemeral(
    [
      'This is not Spacelift. It is a stand-in that keeps the app’s request URL working until Spacelift is connected. It runs no commands.',
      '*To connect Spacelift*, set `SLACK_APP_CLIENT_ID`, `SLACK_APP_CLIENT_SECRET` and `SLACK_SECRET` on it, and route `/webhooks/slack` to it. If Slack cannot reach it, restart this server with `--upstream` and the URL of Spacelift.',
    ].join('\n'),
    'Sent by `spacelift-slack serve`. It has no `--upstream` yet.',
  ),
);

/** Responds on its own while there is no Spacelift to respond. Events are stored, but go nowhere. */
export function standIn(store: Store): Recipient {
  return (request, slack) => {
    switch (slack.kind) {
      case 'ssl-check':
      case 'url-verification':
        return answerCheck(slack);
      case 'event':
        return takeEvent(request, slack, store);
      case 'command': {
        const note = { kind: 'command', who: who(slack), what: slack.command.slice(0, 60) };
        return jsonText(200, explanation, { ...note, verdict: 'answered' });
      }
      case 'interaction': {
        const what = [slack.type, ...slack.actionIds].join(' ');
        const note = { kind: 'interaction', who: who(slack), what, verdict: 'acknowledged' };
        return slack.type === 'block_suggestion' ? json(200, { options: [] }, note) : { status: 200, note };
      }
      case 'other': {
        const note = { kind: 'other', who: who(slack), what: slack.type, verdict: 'acknowledged' };
        return { status: 200, note } satisfies Answer;
      }
    }
  };
}
