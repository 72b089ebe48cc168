import { describe } from 'vitest';
import { eventRules } from '../../../src/manifest/rules/events.ts';
import { all, events, itReports, itShowsEvery, type Row, remove, scopes, set } from '../mutation.ts';

const rows: readonly Row[] = [
  ['events without a request URL', remove(`${events}/request_url`), [`error events-need-delivery ${events}`]],
  [
    'user events alone without a request URL',
    all(set(`${scopes}/user`, ['im:history']), set(events, { user_events: ['message.im'] })),
    [`error events-need-delivery ${events}`],
  ],
  [
    'events without oauth_config',
    all(remove('/oauth_config'), set('/features', {})),
    [`warning events-need-oauth-config ${events}`],
  ],
  [
    'a mistyped event',
    set(`${events}/bot_events/0`, 'app_uninstaled'),
    [`warning unknown-event ${events}/bot_events/0`],
  ],
  [
    'a mistyped user event',
    set(`${events}/user_events`, ['app_uninstaled']),
    [`warning unknown-event ${events}/user_events/0`],
  ],
  [
    'an event that does not exist',
    set(`${events}/bot_events/0`, 'banana'),
    [`warning unknown-event ${events}/bot_events/0`],
  ],
  [
    'an event that Slack rejects',
    set(`${events}/bot_events/0`, 'presence_change'),
    [`error unknown-event ${events}/bot_events/0`],
  ],
  [
    'app_mention without its scope',
    set(`${events}/bot_events/-`, 'app_mention'),
    [`error event-needs-scope ${events}/bot_events/1`],
  ],
  [
    'a user event without its scope',
    set(`${events}/user_events`, ['message.im']),
    [`warning event-needs-scope ${events}/user_events/0`],
  ],
  ...['message.channels', 'message.groups', 'message.im', 'message.mpim'].map(
    (event) =>
      [
        `${event} without its scope`,
        set(`${events}/bot_events/-`, event),
        [`error event-needs-scope ${events}/bot_events/1`],
      ] as const,
  ),
  [
    'reaction_added without its scope',
    set(`${events}/bot_events/-`, 'reaction_added'),
    [`warning event-needs-scope ${events}/bot_events/1`],
  ],
  ...(
    [
      ['off', { messages_tab_enabled: false }],
      ['read-only', { messages_tab_enabled: true, messages_tab_read_only_enabled: true }],
    ] as const
  ).map(
    ([state, home]) =>
      [
        `message.im with a Messages tab that is ${state}`,
        all(
          set(`${scopes}/bot/-`, 'im:history'),
          set(`${events}/bot_events/-`, 'message.im'),
          set('/features/app_home', home),
        ),
        [`warning message-im-needs-messages-tab ${events}/bot_events/1`],
      ] as const,
  ),
  [
    'link_shared without unfurl domains',
    all(set(`${scopes}/bot/-`, 'links:read'), set(`${events}/bot_events/-`, 'link_shared')),
    [`warning link-shared-needs-domains ${events}/bot_events/1`],
  ],
];

describe('the rules for events', () => {
  itReports(rows);
  itShowsEvery(eventRules, rows);
});
