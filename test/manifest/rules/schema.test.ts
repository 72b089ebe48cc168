import { describe } from 'vitest';
import { schemaRules } from '../../../src/manifest/rules/schema.ts';
import {
  all,
  assistant,
  clicks,
  command,
  events,
  itReports,
  itShowsEvery,
  listing,
  numbered,
  type Row,
  remove,
  scopes,
  set,
  shortcut,
  x,
} from '../mutation.ts';

const { pricing: _, ...unpricedListing } = listing;

const rows: readonly Row[] = [
  ['an empty object', () => ({}), ['error missing-key']],
  ['no display_information', remove('/display_information'), ['error missing-key']],
  ['an unknown section', set('/icon', 'x.png'), ['error unknown-key /icon']],
  ['a mistyped section', all(remove('/settings'), set('/setings', {})), ['error unknown-key /setings']],
  [
    'a key called __proto__',
    () => JSON.parse('{"display_information":{"name":"a"},"__proto__":{}}'),
    ['error unknown-key /__proto__'],
  ],
  [
    'a key called constructor',
    set('/features/constructor', true),
    ['error unknown-key /features/constructor'],
  ],
  ['a key with a slash and a tilde', set('/features/a~1b~0c', 1), ['error unknown-key /features/a~1b~0c']],
  [
    'version 3',
    set('/_metadata', { major_version: 3 }),
    ['error not-allowed-value /_metadata/major_version'],
  ],
  [
    'an unknown key in _metadata',
    set('/_metadata', { version: 1 }),
    ['error unknown-key /_metadata/version'],
  ],
  ['no name', remove('/display_information/name'), ['error missing-key /display_information']],
  ['an empty name', set('/display_information/name', ''), ['error too-short /display_information/name']],
  [
    'a name of 36 characters',
    set('/display_information/name', x(36)),
    ['error too-long /display_information/name'],
  ],
  [
    'an empty description',
    set('/display_information/description', ''),
    ['error too-short /display_information/description'],
  ],
  [
    'a description of 141 characters',
    set('/display_information/description', x(141)),
    ['error too-long /display_information/description'],
  ],
  [
    'a long description of 174 characters',
    set('/display_information/long_description', x(174)),
    ['error too-short /display_information/long_description'],
  ],
  [
    'a long description of 4001 characters',
    set('/display_information/long_description', x(4001)),
    ['error too-long /display_information/long_description'],
  ],
  [
    'a colour by name',
    set('/display_information/background_color', 'blue'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a colour of five digits',
    set('/display_information/background_color', '#12345'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a colour without #',
    set('/display_information/background_color', '131417'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a colour with a letter that is not a hex digit',
    set('/display_information/background_color', '#13141g'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a mistyped key',
    all(remove('/display_information/description'), set('/display_information/desciption', 'x')),
    ['error unknown-key /display_information/desciption'],
  ],
  [
    'a bot without a name',
    remove('/features/bot_user/display_name'),
    ['error missing-key /features/bot_user'],
  ],
  [
    'a bot name of 81 characters',
    set('/features/bot_user/display_name', x(81)),
    ['error too-long /features/bot_user/display_name'],
  ],
  [
    'an unknown key of the App Home',
    set('/features/app_home', { home_tab: true }),
    ['error unknown-key /features/app_home/home_tab'],
  ],
  [
    'an empty array of slash commands',
    set('/features/slash_commands', []),
    ['error too-few-items /features/slash_commands'],
  ],
  [
    'a command without a slash',
    set(`${command}/command`, 'spacelift'),
    [`error command-name ${command}/command`],
  ],
  ['a command that is only a slash', set(`${command}/command`, '/'), [`error too-short ${command}/command`]],
  [
    'a command of 33 characters',
    set(`${command}/command`, `/${x(32)}`),
    [`error too-long ${command}/command`],
  ],
  [
    'a command without a description',
    set(command, { command: '/a', url: 'https://a.example.com/' }),
    [`error missing-key ${command}`],
  ],
  [
    'a command without its name',
    set(command, { description: 'x', url: 'https://a.example.com' }),
    [`error missing-key ${command}`],
  ],
  ['an empty usage hint', set(`${command}/usage_hint`, ''), [`error too-short ${command}/usage_hint`]],
  [
    'a mistyped key of a command',
    set(`${command}/should_excape`, true),
    [`error unknown-key ${command}/should_excape`],
  ],
  [
    '51 commands',
    set(
      '/features/slash_commands',
      numbered(51, '/c').map((name) => ({ command: name, description: 'x', url: 'https://a.example.com' })),
    ),
    ['error too-many-items /features/slash_commands'],
  ],
  [
    'a shortcut of another type',
    set('/features/shortcuts', [{ ...shortcut, type: 'mesage' }]),
    ['error not-allowed-value /features/shortcuts/0/type'],
  ],
  [
    'a shortcut without a callback',
    set('/features/shortcuts', [{ name: 'Ask', type: 'global', description: 'Asks' }]),
    ['error missing-key /features/shortcuts/0'],
  ],
  [
    'a shortcut name of 25 characters',
    set('/features/shortcuts', [{ ...shortcut, name: x(25) }]),
    ['error too-long /features/shortcuts/0/name'],
  ],
  [
    'an unfurl domain with a scheme',
    set('/features/unfurl_domains', ['https://example.com']),
    ['error unfurl-domain /features/unfurl_domains/0'],
  ],
  [
    'an unfurl domain in capitals',
    set('/features/unfurl_domains', ['Example.com']),
    ['error unfurl-domain /features/unfurl_domains/0'],
  ],
  [
    'six unfurl domains',
    set('/features/unfurl_domains', numbered(6, 'a.example')),
    ['error too-many-items /features/unfurl_domains'],
  ],
  [
    'an unfurl domain three times',
    set('/features/unfurl_domains', ['a.com', 'a.com', 'b.com', 'a.com']),
    ['error repeated-item /features/unfurl_domains/1', 'error repeated-item /features/unfurl_domains/3'],
  ],
  [
    'an assistant without a description',
    all(
      set('/features/assistant_view', {}),
      set(`${scopes}/bot/-`, 'assistant:write'),
      set(`${events}/bot_events/-`, 'assistant_thread_started'),
    ),
    ['error missing-key /features/assistant_view', 'warning assistant-view-retired /features/assistant_view'],
  ],
  [
    'an agent description of 301 characters',
    all(
      set('/features/agent_view', { agent_description: x(301) }),
      set(`${scopes}/bot/-`, 'assistant:write'),
    ),
    ['error too-long /features/agent_view/agent_description'],
  ],
  [
    'five prompts of an agent',
    all(
      set('/features/agent_view', {
        agent_description: 'x',
        suggested_prompts: numbered(5).map((title) => ({ title, message: 'x' })),
      }),
      set(`${scopes}/bot/-`, 'assistant:write'),
    ),
    ['error too-many-items /features/agent_view/suggested_prompts'],
  ],
  [
    'an assistant with actions, which only the documentation has',
    all(
      set('/features/assistant_view', { ...assistant, actions: [{ name: 'a', description: 'b' }] }),
      set(`${scopes}/bot/-`, 'assistant:write'),
      set(`${events}/bot_events/-`, 'assistant_thread_started'),
    ),
    [
      'warning assistant-view-retired /features/assistant_view',
      'warning unlisted-key /features/assistant_view/actions',
    ],
  ],
  ...(
    [
      ['/metadata_events', []],
      ['/compliance', {}],
      ['/features/rich_previews', { is_active: true }],
      ['/features/search', { search_function_callback_id: 'find' }],
      ['/settings/app_type', 'remote'],
      ['/settings/app_level_token_rotation_enabled', false],
    ] as const
  ).map(
    ([pointer, value]) =>
      [
        `${pointer}, which only the documentation or exports have`,
        set(pointer, value),
        [`warning unlisted-key ${pointer}`],
      ] as const,
  ),
  ...(
    [
      ['/outgoing_domains', ['https://api.example.com']],
      ['/outgoing_domains', ['api.example.com/path']],
      ['/outgoing_domains', ['api.example.com:443']],
    ] as const
  ).map(
    ([pointer, value]) =>
      [
        `the outgoing domain ${value[0]}`,
        set(pointer, value),
        [`error outgoing-domain ${pointer}/0`],
      ] as const,
  ),
  [
    '11 outgoing domains',
    set('/outgoing_domains', numbered(11, 'a.example')),
    ['error too-many-items /outgoing_domains'],
  ],
  ['a bot scope twice', set(`${scopes}/bot/-`, 'commands'), [`warning repeated-item ${scopes}/bot/7`]],
  [
    'a user scope three times',
    set(`${scopes}/user`, ['search:read', 'search:read', 'search:read']),
    [`warning repeated-item ${scopes}/user/1`],
  ],
  [
    'optional scopes twice',
    set(scopes, {
      bot: ['chat:write', 'commands'],
      user: ['search:read'],
      bot_optional: ['chat:write', 'chat:write'],
      user_optional: ['search:read', 'search:read'],
    }),
    [`warning repeated-item ${scopes}/bot_optional/1`, `warning repeated-item ${scopes}/user_optional/1`],
  ],
  ['an empty URL without Socket Mode', set(`${command}/url`, ''), [`error too-short ${command}/url`]],
  [
    'a redirect URL twice',
    set('/oauth_config/redirect_urls/-', 'https://spacelift.example.com/slack_oauth'),
    ['error repeated-item /oauth_config/redirect_urls/1'],
  ],
  [
    'a scope of 51 characters',
    set(`${scopes}/bot/-`, x(51)),
    [`error too-long ${scopes}/bot/7`, `warning unknown-scope ${scopes}/bot/7`],
  ],
  ['an empty scope', set(`${scopes}/bot/-`, ''), [`error too-short ${scopes}/bot/7`]],
  [
    '256 scopes',
    set(`${scopes}/bot`, [...numbered(255, 'x').map(() => 'chat:write'), 'commands']),
    [`error too-many-items ${scopes}/bot`, `warning repeated-item ${scopes}/bot/1`],
  ],
  ['an unknown kind of scopes', set(`${scopes}/bots`, []), [`error unknown-key ${scopes}/bots`]],
  [
    'a URL of 3001 characters',
    set(`${command}/url`, `https://a.example.com/${x(2979)}`),
    [`error too-long ${command}/url`],
  ],
  [
    'an event twice',
    set(`${events}/bot_events/-`, 'app_uninstalled'),
    [`error repeated-item ${events}/bot_events/1`],
  ],
  [
    'a metadata subscription without its app',
    set(`${events}/metadata_subscriptions`, [{ event_type: 'a' }]),
    [`error missing-key ${events}/metadata_subscriptions/0`],
  ],
  ['interactivity without is_enabled', remove(`${clicks}/is_enabled`), [`error missing-key ${clicks}`]],
  [
    'a mistyped key of interactivity',
    set(`${clicks}/message_menu_options`, 'https://a.example.com/'),
    [`error unknown-key ${clicks}/message_menu_options`],
  ],
  [
    '51 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(51, '8.8.8.')),
    ['error too-many-items /settings/allowed_ip_address_ranges'],
  ],
  ['a mistyped setting', set('/settings/socket_mode', true), ['error unknown-key /settings/socket_mode']],
  [
    'a Marketplace entry without its price',
    set('/app_directory', unpricedListing),
    ['error missing-key /app_directory'],
  ],
];

describe('the rules for keys and values', () => {
  itReports(rows);
  itShowsEvery(
    schemaRules.filter(({ id }) => id !== 'wrong-type'),
    rows,
  );
});
