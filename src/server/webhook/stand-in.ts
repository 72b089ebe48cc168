import type { Store } from '../../store/store.ts';
import { json } from '../http/route.ts';
import { handleEndpointCheck } from './endpoint-checks.ts';
import { ephemeral } from './ephemeral-message.ts';
import type { SlackHandler } from './slack-webhook.ts';
import { storeEvent } from './store-event.ts';

/** The response to every slash command, whatever the manifest calls it. */
const explanation = json(
  200,
  ephemeral(
    [
      'This is not Spacelift. It is a stand-in that keeps the request URL of the app working until Spacelift is connected. It runs no commands.',
      '*To connect Spacelift*, set `SLACK_APP_CLIENT_ID`, `SLACK_APP_CLIENT_SECRET` and `SLACK_SECRET` on it, and route `/webhooks/slack` to it. If Slack cannot reach it, restart this server with `--upstream` and the URL of Spacelift.',
    ].join('\n'),
    'Sent by `spacelift-slack serve`. It has no `--upstream` yet.',
  ),
);

/** Responds in place of a Spacelift that is not there yet. Events are stored, but not forwarded. */
export function standIn(store: Store): SlackHandler {
  return async (request, payload) => {
    switch (payload.kind) {
      case 'ssl-check':
      case 'url-verification':
        return handleEndpointCheck(payload);
      case 'event':
        return storeEvent(request, payload, store);
      case 'command':
        return { response: explanation, outcome: { kind: 'responded' } };
      case 'interaction': {
        const response = payload.type === 'block_suggestion' ? json(200, { options: [] }) : { status: 200 };
        return { response, outcome: { kind: 'acknowledged' } };
      }
      case 'other':
        return { response: { status: 200 }, outcome: { kind: 'acknowledged' } };
    }
  };
}
