/** What is hard to carry through a form, through JSON and through both. */
const hardText = 'Grüße 100% + 1 & 2=3 ?#/ "quoted" \\ \u2028 日本 🚀 <@U1> \u0000 \ud83d\ude80';

/** A slash command as Slack sends it in Socket Mode, and its form over HTTP. */
export const commandPayload = {
  token: 'verification-token',
  team_id: 'T1',
  team_domain: 'local-team',
  enterprise_id: null,
  channel_id: 'C1',
  channel_name: 'général',
  user_id: 'U1',
  user_name: 'roadrunner',
  command: '/spacelift',
  text: hardText,
  api_app_id: 'A1',
  is_enterprise_install: false,
  response_url: 'https://hooks.slack.com/commands/T1/1/response-url-secret',
  trigger_id: '1.2.trigger-secret',
  empty: '',
};

export const eventPayload = {
  token: 'verification-token',
  team_id: 'T1',
  api_app_id: 'A1',
  event: {
    type: 'message',
    text: hardText,
    blocks: [{ type: 'rich_text', elements: [{ type: 'text', text: hardText, style: { bold: true } }] }],
    thread_ts: null,
    reply_count: 0,
    empty: '',
    nothing: [],
  },
  type: 'event_callback',
  event_id: 'Ev1',
  event_time: 1_700_000_000,
  authorizations: [
    { enterprise_id: null, team_id: 'T1', user_id: 'U1', is_bot: true, is_enterprise_install: false },
  ],
  is_ext_shared_channel: false,
};

const interaction = {
  user: { id: 'U1', username: 'roadrunner', team_id: 'T1' },
  api_app_id: 'A1',
  token: 'verification-token',
  team: { id: 'T1', domain: 'local-team' },
  enterprise: null,
  is_enterprise_install: false,
  trigger_id: '1.2.trigger-secret',
};

export const interactionPayloads = {
  block_actions: {
    type: 'block_actions',
    ...interaction,
    container: { type: 'message', message_ts: '1.2', channel_id: 'C1', is_ephemeral: false },
    response_url: 'https://hooks.slack.com/actions/T1/1/response-url-secret',
    actions: [{ type: 'button', action_id: 'confirm', block_id: 'b', value: hardText, action_ts: '1.2' }],
    state: { values: {} },
  },
  view_submission: {
    type: 'view_submission',
    ...interaction,
    view: {
      id: 'V1',
      callback_id: 'runs',
      type: 'modal',
      private_metadata: hardText,
      state: { values: { b: { a: { value: null } } } },
    },
    response_urls: [],
  },
  block_suggestion: {
    type: 'block_suggestion',
    ...interaction,
    action_id: 'stack',
    block_id: 'b',
    value: hardText,
  },
  shortcut: { type: 'shortcut', ...interaction, callback_id: 'runs', action_ts: '1.2' },
};
