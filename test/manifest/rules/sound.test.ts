import { describe } from 'vitest';
import {
  agent,
  all,
  clicks,
  command,
  events,
  itAccepts,
  listing,
  type Mutation,
  numbered,
  remove,
  scopes,
  set,
  shortcut,
  x,
} from '../mutation.ts';

const sound: readonly (readonly [name: string, mutate: Mutation])[] = [
  ['the manifest of an ordinary app', (manifest) => manifest],
  ['a name alone', () => ({ display_information: { name: 'a' } })],
  ['a host that begins with an address', set(`${command}/url`, 'https://10.0.0.1.example.com/')],
  ['a schema for the editor', set('/$schema', 'https://example.com/manifest.schema.json')],
  ['version 1', set('/_metadata', { major_version: 1, minor_version: 1 })],
  ['version 2 without functions', set('/_metadata', { major_version: 2 })],
  ['an empty _metadata', set('/_metadata', {})],
  ['a name of 35 characters', set('/display_information/name', x(35))],
  ['a name of 35 emoji', set('/display_information/name', '🚀'.repeat(35))],
  ['a description of 139 characters', set('/display_information/description', x(139))],
  ['a long description of 175 characters', set('/display_information/long_description', x(175))],
  ['a long description of 4000 characters', set('/display_information/long_description', x(4000))],
  ['a colour of three digits', set('/display_information/background_color', '#abc')],
  ['a colour in capitals', set('/display_information/background_color', '#ABCDEF')],
  ...['Your Amazingly Helpful Bot', 'Demo App', 'bot_1.2-x', 'Ask: me!'].map(
    (name) => [`the bot ${name}`, set('/features/bot_user/display_name', name)] as const,
  ),
  ...['/Deploy'.toLowerCase(), '/deploy-it', '/deploy_it', '/deploy2', '/help', '/ä'].map(
    (name) => [`the command ${name}`, set(`${command}/command`, name)] as const,
  ),
  [
    'fifty commands',
    set(
      '/features/slash_commands',
      numbered(50, '/c').map((name) => ({ command: name, description: 'x', url: 'https://a.example.com' })),
    ),
  ],
  ['shortcuts', set('/features/shortcuts', [shortcut, { ...shortcut, type: 'message', callback_id: 'b' }])],
  ['unfurl domains', set('/features/unfurl_domains', ['example.com', 'docs.example.com'])],
  ['workflow steps', set('/features/workflow_steps', [{ name: 'a', callback_id: 'b' }])],
  [
    'an App Home',
    set('/features/app_home', {
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: false,
    }),
  ],
  [
    'an agent with its scope',
    all(
      set('/features/agent_view', { ...agent, actions: [{ name: 'a', description: 'b' }] }),
      set(`${scopes}/bot/-`, 'assistant:write'),
      set(`${events}/bot_events/-`, 'agent_session_stopped'),
      set(`${events}/bot_events/-`, 'agent_session_title_changed'),
    ),
  ],
  ['functions among the features', set('/features/functions', [{ callback_id: 'a' }])],
  ['no redirect URLs', set('/oauth_config/redirect_urls', [])],
  ['no oauth_config, with nothing that needs it', remove('/oauth_config', '/features', '/settings')],
  [
    'PKCE with a scheme of its own',
    all(set('/oauth_config/pkce_enabled', true), set('/oauth_config/redirect_urls/-', 'myapp://callback')),
  ],
  ['token management', set('/oauth_config/token_management_enabled', true)],
  [
    'an optional scope',
    all(
      set(`${scopes}/bot_optional`, ['team:read']),
      set(`${scopes}/user`, ['search:read']),
      set(`${scopes}/user_optional`, ['search:read']),
    ),
  ],
  [
    'user scopes beside bot scopes',
    set(`${scopes}/user`, ['chat:write', 'search:read', 'users.profile:write', 'identity.basic']),
  ],
  [
    'the scope commands without a bot user',
    all(remove('/features/bot_user'), set(`${scopes}/bot`, ['commands', 'incoming-webhook'])),
  ],
  [
    'incoming webhooks',
    all(
      set('/settings/incoming_webhooks', { incoming_webhooks_enabled: true }),
      set(`${scopes}/bot/-`, 'incoming-webhook'),
    ),
  ],
  [
    'bot events with their scopes',
    all(
      set(`${scopes}/bot/-`, 'im:history'),
      set(`${scopes}/bot/-`, 'app_mentions:read'),
      set(`${events}/bot_events`, [
        'message.im',
        'app_mention',
        'app_home_opened',
        'tokens_revoked',
        'member_joined_channel',
      ]),
    ),
  ],
  [
    'user events with their scope',
    all(set(`${scopes}/user`, ['channels:history']), set(`${events}/user_events`, ['message.channels'])),
  ],
  [
    'admin scopes that the SDK lacks',
    set(`${scopes}/user`, ['admin.chat:read', 'admin.chat:write', 'admin.conversations:manage_objects']),
  ],
  [
    'message.im with a Messages tab',
    all(
      set(`${scopes}/bot/-`, 'im:history'),
      set(`${events}/bot_events/-`, 'message.im'),
      set('/features/app_home', { messages_tab_enabled: true, messages_tab_read_only_enabled: false }),
    ),
  ],
  [
    'link_shared with unfurl domains',
    all(
      set(`${scopes}/bot/-`, 'links:read'),
      set(`${events}/bot_events/-`, 'link_shared'),
      set('/features/unfurl_domains', ['example.com']),
    ),
  ],
  ['no events', all(remove(`${events}/request_url`), set(`${events}/bot_events`, []))],
  [
    'a subscription to every app',
    set(`${events}/metadata_subscriptions`, [{ app_id: '*', event_type: 'a' }]),
  ],
  [
    'Socket Mode without URLs',
    all(
      set('/settings/socket_mode_enabled', true),
      remove(`${events}/request_url`, `${clicks}/request_url`),
      set('/features/slash_commands', [{ command: '/a', description: 'x' }]),
    ),
  ],
  ['Socket Mode with URLs', set('/settings/socket_mode_enabled', true)],
  ...[
    '',
    'http://localhost:3000/slack',
    '<BASE_URL>/slack',
    'https://your-app.ngrok.io/',
    'slack/events',
    x(4000),
  ].map(
    (url) =>
      [
        `${JSON.stringify(url.slice(0, 40))} in every URL that Slack would call without Socket Mode`,
        all(
          set('/settings/socket_mode_enabled', true),
          set(`${command}/url`, url),
          set(`${events}/request_url`, url),
          set(`${clicks}/request_url`, url),
          set(`${clicks}/message_menu_options_url`, url),
        ),
      ] as const,
  ),
  ['different hosts', set(`${events}/request_url`, 'https://hooks.example.org/slack')],
  ...[
    'https://a1b2-203-0-113-9.ngrok-free.app/slack',
    'https://some-words-here.trycloudflare.com/slack',
    'https://example.com/slack',
    'https://my-app.fly.dev/slack',
    'https://a.example.com:8443/slack',
    'https://a.example.com/slack?ids[]=1',
    'https://a.example.com/$metadata',
    'https://a.example.com/%EF%BC%A1',
    'https://xn--bcher-kva.example/slack',
    'https://bücher.example/slack',
    'https://A.Example.com/slack',
    'https://a.example.com./slack',
  ].map((url) => [`events to ${url}`, set(`${events}/request_url`, url)] as const),
  ['interactivity that is off', set(clicks, { is_enabled: false })],
  ['a source for menus', set(`${clicks}/message_menu_options_url`, 'https://a.example.com/menus')],
  ['public IP ranges', set('/settings/allowed_ip_address_ranges', ['8.8.4.0/24', '9.9.9.9', '8.8.8.8/32'])],
  ['ten IP ranges', set('/settings/allowed_ip_address_ranges', numbered(10, '8.8.8.'))],
  ['a bot name at the ends of ASCII', set('/features/bot_user/display_name', ' ~')],
  [
    'shortcuts with the user scope commands',
    all(
      remove('/features/slash_commands'),
      set(scopes, { bot: ['chat:write'], user: ['commands'] }),
      set('/features/shortcuts', [shortcut]),
    ),
  ],
  [
    'functions that Slack runs, without the event function_executed',
    all(
      set('/functions', { greet: {} }),
      set('/settings/org_deploy_enabled', true),
      set('/settings/function_runtime', 'slack'),
    ),
  ],
  ['no functions', set('/functions', {})],
  ['a bot user with functions alone', all(set('/functions', {}), remove('/features/slash_commands', scopes))],
  [
    'message.im for a user, with a Messages tab that is off',
    all(
      set(`${scopes}/user`, ['im:history']),
      set(`${events}/user_events`, ['message.im']),
      set('/features/app_home', { messages_tab_enabled: false }),
    ),
  ],
  [
    'message.im without an App Home',
    all(set(`${scopes}/bot/-`, 'im:history'), set(`${events}/bot_events/-`, 'message.im')),
  ],
  [
    'an event with one of its two scopes',
    all(set(`${scopes}/user`, ['groups:read']), set(`${events}/user_events`, ['channel_shared'])),
  ],
  ['sign-in with Slack', set('/settings/siws_links', { initiate_uri: 'https://example.com/in' })],
  [
    'MCP',
    all(set('/settings/is_mcp_enabled', true), set('/mcp_servers', { a: { url: 'https://a.example.com' } })),
  ],
  ['a Marketplace entry', set('/app_directory', listing)],
  [
    'hosted functions as version 2 writes them',
    all(
      set('/_metadata', { major_version: 2 }),
      set('/functions', { greet: { title: 'a', input_parameters: { properties: {}, required: [] } } }),
      set('/outgoing_domains', ['api.example.com', 'Example.com']),
      set('/settings', { org_deploy_enabled: true, function_runtime: 'slack', is_hosted: true }),
      set(scopes, { bot: [] }),
      remove('/features/slash_commands'),
    ),
  ],
  [
    'remote functions',
    all(
      set('/functions', { greet: { title: 'a', input_parameters: {} } }),
      set('/settings/org_deploy_enabled', true),
      set('/settings/function_runtime', 'remote'),
      set(`${events}/bot_events/-`, 'function_executed'),
    ),
  ],
  [
    'workflows, datastores and types',
    all(
      set('/workflows', { a: {} }),
      set('/datastores', { a: {} }),
      set('/types', { a: {} }),
      set('/external_auth_providers', {}),
    ),
  ],
];

describe('what Slack accepts and real manifests hold', () => {
  itAccepts(sound);
});
