import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject, type JsonValue, keysOf } from '../../src/json-value.ts';
import { mergePatch } from '../../src/manifest/merge-patch.ts';
import { toYaml } from '../../src/manifest/render.ts';
import { ruleCatalogue } from '../../src/manifest/rules/catalogue.ts';
import { documentedManifest, found, object, validateText } from './documented.ts';

type Mutation = (manifest: JsonObject) => JsonValue;

/** Puts a value at a pointer; `-` at its end appends to a list (RFC 6901). */
function set(pointer: string, value: JsonValue): Mutation {
  return (manifest) => put(manifest, keysOf(pointer), value);
}

function put(target: JsonValue | undefined, [key, ...rest]: readonly string[], value: JsonValue): JsonValue {
  if (key === undefined) return value;
  if (Array.isArray(target)) {
    const index = key === '-' ? target.length : Number(key);
    const copy = [...target];
    copy[index] = put(copy[index], rest, value);
    return copy;
  }
  const base = isObject(target) ? target : {};
  return { ...base, [key]: put(base[key], rest, value) };
}

function drop(...pointers: readonly string[]): Mutation {
  return (manifest) =>
    pointers.reduce((value: JsonValue, pointer) => {
      const nested = keysOf(pointer).reduceRight((part: JsonValue, key) => ({ [key]: part }), null);
      return mergePatch(value, nested);
    }, manifest);
}

function all(...mutations: readonly Mutation[]): Mutation {
  return (manifest) => mutations.reduce((value, mutate) => object(mutate(value)), manifest);
}

const command = '/features/slash_commands/0';
const events = '/settings/event_subscriptions';
const clicks = '/settings/interactivity';
const scopes = '/oauth_config/scopes';
const x = (count: number) => 'x'.repeat(count);
const numbered = (count: number, prefix = 'item') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const shortcut = { name: 'Ask', type: 'global', callback_id: 'ask', description: 'Asks' };
const unpricedListing = {
  installation_landing_page: 'https://example.com/install',
  privacy_policy_url: 'https://example.com/privacy',
  support_url: 'https://example.com/support',
  support_email: 'support@example.com',
  supported_languages: ['english'],
};
const listing = { ...unpricedListing, pricing: 'free' };
const otherCommand = { command: '/spacelift', description: 'x', url: 'https://a.example.com/' };

/** One change to the documented manifest, and all that is to be said about it, in the order of the file. */
const mutations: readonly (readonly [name: string, mutate: Mutation, findings: readonly string[]])[] = [
  // The whole
  ['a list', () => [], ['error wrong-type']],
  ['a text', () => 'manifest', ['error wrong-type']],
  ['null', () => null, ['error wrong-type']],
  ['nothing in it', () => ({}), ['error missing-key']],
  ['no display_information', drop('/display_information'), ['error missing-key']],
  ['a part that is null', set('/settings', null), ['error wrong-type /settings']],
  ['an unknown part', set('/icon', 'x.png'), ['error unknown-key /icon']],
  ['a mistyped part', all(drop('/settings'), set('/setings', {})), ['error unknown-key /setings']],
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

  // _metadata
  [
    'version 3',
    set('/_metadata', { major_version: 3 }),
    ['error not-allowed-value /_metadata/major_version'],
  ],
  [
    'a version that is a text',
    set('/_metadata', { major_version: '1' }),
    ['error wrong-type /_metadata/major_version'],
  ],
  [
    'an unknown key in _metadata',
    set('/_metadata', { version: 1 }),
    ['error unknown-key /_metadata/version'],
  ],

  // display_information
  ['no name', drop('/display_information/name'), ['error missing-key /display_information']],
  ['an empty name', set('/display_information/name', ''), ['error too-short /display_information/name']],
  [
    'a name of 36 characters',
    set('/display_information/name', x(36)),
    ['error too-long /display_information/name'],
  ],
  [
    'a name that is a number',
    set('/display_information/name', 7),
    ['error wrong-type /display_information/name'],
  ],
  [
    'an empty description',
    set('/display_information/description', ''),
    ['error too-short /display_information/description'],
  ],
  [
    'a description of 141',
    set('/display_information/description', x(141)),
    ['error too-long /display_information/description'],
  ],
  [
    'a description of exactly 140',
    set('/display_information/description', x(140)),
    ['warning description-length /display_information/description'],
  ],
  [
    'a long description of 174',
    set('/display_information/long_description', x(174)),
    ['error too-short /display_information/long_description'],
  ],
  [
    'a long description of 4001',
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
    'a colour without its mark',
    set('/display_information/background_color', '131417'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a colour with other letters',
    set('/display_information/background_color', '#13141g'),
    ['error background-color /display_information/background_color'],
  ],
  [
    'a mistyped key',
    all(drop('/display_information/description'), set('/display_information/desciption', 'x')),
    ['error unknown-key /display_information/desciption'],
  ],

  // features
  ['a bot without a name', drop('/features/bot_user/display_name'), ['error missing-key /features/bot_user']],
  [
    'a bot name of 81',
    set('/features/bot_user/display_name', x(81)),
    ['error too-long /features/bot_user/display_name'],
  ],
  [
    'a bot name beyond ASCII',
    set('/features/bot_user/display_name', 'Späce'),
    ['warning bot-name /features/bot_user/display_name'],
  ],
  [
    'a switch that is a text',
    set('/features/bot_user/always_online', 'true'),
    ['error wrong-type /features/bot_user/always_online'],
  ],
  ['no bot user', drop('/features/bot_user'), ['warning bot-scopes-need-bot-user /oauth_config/scopes/bot']],
  [
    'an unknown switch of the home',
    set('/features/app_home', { home_tab: true }),
    ['error unknown-key /features/app_home/home_tab'],
  ],
  [
    'no slash commands in the list',
    set('/features/slash_commands', []),
    ['error too-few-items /features/slash_commands'],
  ],
  [
    'a command without a slash',
    set(`${command}/command`, 'spacelift'),
    [`error command-name ${command}/command`],
  ],
  ['a command that is only a slash', set(`${command}/command`, '/'), [`error too-short ${command}/command`]],
  ['a command of 33', set(`${command}/command`, `/${x(32)}`), [`error too-long ${command}/command`]],
  [
    'a command with a blank',
    set(`${command}/command`, '/space lift'),
    [`warning command-characters ${command}/command`],
  ],
  [
    'a command with a capital',
    set(`${command}/command`, '/Spacelift'),
    [`warning command-characters ${command}/command`],
  ],
  ['the command /me', set(`${command}/command`, '/me'), [`error command-reserved ${command}/command`]],
  [
    "another of Slack's commands",
    set(`${command}/command`, '/remind'),
    [`warning command-reserved ${command}/command`],
  ],
  [
    'a command twice',
    set('/features/slash_commands/-', otherCommand),
    ['error command-repeated /features/slash_commands/1/command'],
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
  [
    'a command without a URL',
    set(command, { command: '/a', description: 'x' }),
    [`warning command-needs-url ${command}`],
  ],
  ['an empty usage hint', set(`${command}/usage_hint`, ''), [`error too-short ${command}/usage_hint`]],
  [
    'a mistyped key of a command',
    set(`${command}/should_excape`, true),
    [`error unknown-key ${command}/should_excape`],
  ],
  ['a command that is a text', set(command, '/spacelift'), [`error wrong-type ${command}`]],
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
    'a shortcut name of 25',
    set('/features/shortcuts', [{ ...shortcut, name: x(25) }]),
    ['error too-long /features/shortcuts/0/name'],
  ],
  [
    'shortcuts without interactivity',
    all(drop(clicks), set('/features/shortcuts', [shortcut])),
    ['warning shortcuts-need-interactivity /features/shortcuts'],
  ],
  [
    'shortcuts without the scope',
    all(
      drop('/features/slash_commands'),
      set(`${scopes}/bot`, ['chat:write']),
      set('/features/shortcuts', [shortcut]),
    ),
    ['warning shortcuts-need-scope /features/shortcuts'],
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
    'unfurl domains three times',
    set('/features/unfurl_domains', ['a.com', 'a.com', 'b.com', 'a.com']),
    ['error repeated-item /features/unfurl_domains/1', 'error repeated-item /features/unfurl_domains/3'],
  ],
  [
    'unfurl domains that are objects',
    set('/features/unfurl_domains', [{ valueOf: 1 }, { valueOf: 1 }]),
    ['error wrong-type /features/unfurl_domains/0', 'error wrong-type /features/unfurl_domains/1'],
  ],
  [
    'an assistant without a description',
    set('/features/assistant_view', {}),
    ['error missing-key /features/assistant_view'],
  ],
  [
    'an agent description of 301',
    set('/features/agent_view', { agent_description: x(301) }),
    ['error too-long /features/agent_view/agent_description'],
  ],
  [
    'five prompts of an agent',
    set('/features/agent_view', {
      agent_description: 'x',
      suggested_prompts: numbered(5).map((title) => ({ title, message: 'x' })),
    }),
    ['error too-many-items /features/agent_view/suggested_prompts'],
  ],
  [
    'a key that only the documentation has',
    set('/features/rich_previews', { is_active: true }),
    ['warning unlisted-key /features/rich_previews'],
  ],
  ['metadata_events', set('/metadata_events', []), ['warning unlisted-key /metadata_events']],

  // oauth_config
  [
    'a redirect URL over http',
    set('/oauth_config/redirect_urls/0', 'http://spacelift.example.com/slack_oauth'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL with a fragment',
    set('/oauth_config/redirect_urls/0', 'https://spacelift.example.com/#a'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL without a scheme',
    set('/oauth_config/redirect_urls/0', 'spacelift.example.com/slack_oauth'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL on localhost',
    set('/oauth_config/redirect_urls/0', 'http://localhost:3000/slack_oauth'),
    ['warning redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL of an app on a device',
    set('/oauth_config/redirect_urls/0', 'myapp://callback'),
    ['warning redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL with a placeholder',
    set('/oauth_config/redirect_urls/0', 'https://<your-domain>/slack_oauth'),
    ['error url-placeholder /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL twice',
    set('/oauth_config/redirect_urls/-', 'https://spacelift.example.com/slack_oauth'),
    ['error repeated-item /oauth_config/redirect_urls/1'],
  ],
  [
    'a redirect URL that is a number',
    set('/oauth_config/redirect_urls/0', 5),
    ['error wrong-type /oauth_config/redirect_urls/0'],
  ],
  [
    'redirect URLs that are a text',
    set('/oauth_config/redirect_urls', 'https://spacelift.example.com/slack_oauth'),
    ['error wrong-type /oauth_config/redirect_urls'],
  ],
  ['a mistyped scope', set(`${scopes}/bot/0`, 'channels:raed'), [`warning unknown-scope ${scopes}/bot/0`]],
  ['a scope that nobody knows', set(`${scopes}/bot/0`, 'bananas'), [`warning unknown-scope ${scopes}/bot/0`]],
  [
    'a mistyped scope of people',
    set(`${scopes}/user`, ['serch:read']),
    [`warning unknown-scope ${scopes}/user/0`],
  ],
  [
    'search:read for a bot',
    set(`${scopes}/bot/-`, 'search:read'),
    [`error user-scope-for-bot ${scopes}/bot/7`],
  ],
  [
    'another scope of people for a bot',
    set(`${scopes}/bot/-`, 'stars:read'),
    [`warning user-scope-for-bot ${scopes}/bot/7`],
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
    [`error too-many-items ${scopes}/bot`],
  ],
  [
    'a command without the scope commands',
    set(`${scopes}/bot`, ['chat:write']),
    ['error command-needs-scope /features/slash_commands'],
  ],
  [
    'a bot without any scope',
    all(drop('/features/slash_commands'), set(`${scopes}/bot`, [])),
    ['error bot-user-needs-scope /features/bot_user'],
  ],
  [
    'a bot with scopes of people only',
    all(drop('/features/slash_commands'), set(scopes, { user: ['search:read'] })),
    ['warning bot-user-needs-scope /features/bot_user'],
  ],
  [
    'an optional scope that is none',
    set(`${scopes}/bot_optional`, ['files:read']),
    [`error optional-scope ${scopes}/bot_optional/0`],
  ],
  [
    'an optional scope of people that is none',
    set(`${scopes}/user_optional`, ['search:read']),
    [`error optional-scope ${scopes}/user_optional/0`],
  ],
  ['an unknown kind of scopes', set(`${scopes}/bots`, []), [`error unknown-key ${scopes}/bots`]],

  // A value of the wrong type is told of once: what it should have been is not known.
  [
    'scopes of the bot that are a text',
    set(`${scopes}/bot`, 'chat:write'),
    [`error wrong-type ${scopes}/bot`],
  ],
  [
    'a scope that became an object',
    all(set(`${scopes}/bot/3`, { commands: null }), set(`${scopes}/bot_optional`, ['commands'])),
    [`error wrong-type ${scopes}/bot/3`],
  ],
  ['scopes that are a list', set(scopes, ['chat:write']), [`error wrong-type ${scopes}`]],
  ['an oauth_config that is a text', set('/oauth_config', 'none'), ['error wrong-type /oauth_config']],
  ['features that are a list', set('/features', []), ['error wrong-type /features']],
  [
    'a bot user that is a text, without scopes',
    all(drop('/features/slash_commands', scopes), set('/features/bot_user', 'Spacelift')),
    ['error wrong-type /features/bot_user'],
  ],
  [
    'Socket Mode that is a text, without URLs',
    all(
      set('/settings/socket_mode_enabled', 'true'),
      drop(`${events}/request_url`, `${clicks}/request_url`),
      set('/features/slash_commands', [{ command: '/a', description: 'x' }]),
    ),
    ['error wrong-type /settings/socket_mode_enabled'],
  ],
  [
    'shortcuts, and settings that are a text',
    all(set('/features/shortcuts', [shortcut]), set('/settings', 'none')),
    ['error wrong-type /settings'],
  ],
  [
    'shortcuts, and interactivity that is switched by a text',
    all(set('/features/shortcuts', [shortcut]), set(`${clicks}/is_enabled`, 'true')),
    [`error wrong-type ${clicks}/is_enabled`],
  ],
  [
    'functions, and settings that are null',
    all(set('/functions', { greet: {} }), set('/settings', null)),
    ['error wrong-type /settings'],
  ],
  [
    'functions, and what they need in other types',
    all(
      set('/functions', { greet: {} }),
      set('/settings/org_deploy_enabled', 'true'),
      set('/settings/function_runtime', 'remote'),
      set(`${events}/bot_events`, 'function_executed'),
    ),
    [`error wrong-type ${events}/bot_events`, 'error wrong-type /settings/org_deploy_enabled'],
  ],
  [
    'a redirect URL of an app on a device, and PKCE that is a text',
    all(set('/oauth_config/redirect_urls/0', 'myapp://callback'), set('/oauth_config/pkce_enabled', 'true')),
    ['error wrong-type /oauth_config/pkce_enabled'],
  ],

  // settings
  ...(
    [
      'http://spacelift.example.com/',
      'HTTPS://spacelift.example.com/',
      'ftp://spacelift.example.com/',
    ] as const
  ).map(
    (url) =>
      [
        `events to ${url}`,
        set(`${events}/request_url`, url),
        [`error url-scheme ${events}/request_url`],
      ] as const,
  ),
  ...[
    'https://localhost/',
    'https://127.0.0.1/',
    'https://10.1.2.3/',
    'https://192.168.0.9/',
    'https://[::1]/',
    'https://[fd00::1]/',
    'https://0x7f.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/',
    'https://spacelift/',
    'https://a.localhost/',
  ].map(
    (url) =>
      [
        `events to ${url}`,
        set(`${events}/request_url`, url),
        [`error url-not-public ${events}/request_url`],
      ] as const,
  ),
  [
    'clicks to http on localhost',
    set(`${clicks}/request_url`, 'http://localhost:3000/'),
    [`error url-not-public ${clicks}/request_url`, `error url-scheme ${clicks}/request_url`],
  ],
  [
    'menus to http',
    set(`${clicks}/message_menu_options_url`, 'http://a.example.com/'),
    [`error url-scheme ${clicks}/message_menu_options_url`],
  ],
  [
    'events to a private name',
    set(`${events}/request_url`, 'https://spacelift.corp/'),
    [`warning url-not-public ${events}/request_url`],
  ],
  [
    'events to a bare public address',
    set(`${events}/request_url`, 'https://8.8.8.8/'),
    [`warning url-not-public ${events}/request_url`],
  ],
  ...[
    'https://<your-domain>/webhooks/slack',
    'https://[your-domain]/slack',
    'https://{{host}}/slack',
    'https://{host}/slack',
    `https://\${HOST}/slack`,
    'https://$HOST/slack',
    'https://%HOST%/slack',
    'https://__HOST__/slack',
    'BASE_URL/slack/events',
    'https://BASE_URL/slack/events',
    'https://your-domain/slack',
    '<url>',
    '[url]',
    'https://x.example.com/__hook__/<team>',
    'https://x.example.com/slack?team=<team>',
    'https://{your/host}/slack',
    'https://x.example.com:{port}/slack',
    '{{base}}/slack',
  ].map(
    (url) =>
      [`commands to ${url}`, set(`${command}/url`, url), [`error url-placeholder ${command}/url`]] as const,
  ),
  ...[
    'https://your-app.example.com/',
    'https://YOUR_DOMAIN.ngrok.io/',
    'https://xxxx.ngrok.io/',
    'https://changeme.example.com/',
    'https://yourdomain.com/',
    'https://x.example.com/__hook__/slack',
    'https://x.example.com/$DATA',
    'https://x.example.com/{x}',
    'https://x.example.com/slack/%TEAM%?a=1',
    'https://x.example.com/[team]/slack',
    'https://x.example.com/slack?team={{team}}',
  ].map(
    (url) =>
      [`commands to ${url}`, set(`${command}/url`, url), [`warning url-placeholder ${command}/url`]] as const,
  ),
  ...[
    'spacelift.example.com/webhooks/slack',
    '/webhooks/slack',
    'https://',
    'https://a b.example.com/',
    'https://a.example.com/\n',
    'https:/a.example.com/',
    'https://a.example.com:99999/',
  ].map(
    (url) =>
      [
        `commands to ${JSON.stringify(url)}`,
        set(`${command}/url`, url),
        [`error url-invalid ${command}/url`],
      ] as const,
  ),
  [
    'a URL of 3001',
    set(`${command}/url`, `https://a.example.com/${x(2979)}`),
    [`error too-long ${command}/url`],
  ],
  ['events with nowhere to go', drop(`${events}/request_url`), [`error events-need-delivery ${events}`]],
  [
    'events without oauth_config',
    all(drop('/oauth_config'), set('/features', {})),
    [`warning events-need-oauth-config ${events}`],
  ],
  [
    'a mistyped event',
    set(`${events}/bot_events/0`, 'app_uninstaled'),
    [`warning unknown-event ${events}/bot_events/0`],
  ],
  [
    'an event that nobody knows',
    set(`${events}/bot_events/0`, 'banana'),
    [`warning unknown-event ${events}/bot_events/0`],
  ],
  [
    'an event that Slack refuses',
    set(`${events}/bot_events/0`, 'presence_change'),
    [`error unknown-event ${events}/bot_events/0`],
  ],
  [
    'an event without its scope',
    set(`${events}/bot_events/-`, 'app_mention'),
    [`warning event-needs-scope ${events}/bot_events/1`],
  ],
  [
    'an event of people without its scope',
    set(`${events}/user_events`, ['message.im']),
    [`warning event-needs-scope ${events}/user_events/0`],
  ],
  [
    'an event twice',
    set(`${events}/bot_events/-`, 'app_uninstalled'),
    [`error repeated-item ${events}/bot_events/1`],
  ],
  [
    'events that are a text',
    set(`${events}/bot_events`, 'app_uninstalled'),
    [`error wrong-type ${events}/bot_events`],
  ],
  [
    'a subscription without its app',
    set(`${events}/metadata_subscriptions`, [{ event_type: 'a' }]),
    [`error missing-key ${events}/metadata_subscriptions/0`],
  ],
  [
    'clicks with nowhere to go',
    drop(`${clicks}/request_url`),
    [`error interactivity-needs-delivery ${clicks}`],
  ],
  ['interactivity without its switch', drop(`${clicks}/is_enabled`), [`error missing-key ${clicks}`]],
  [
    'a mistyped key of interactivity',
    set(`${clicks}/message_menu_options`, 'https://a.example.com/'),
    [`error unknown-key ${clicks}/message_menu_options`],
  ],
  [
    'an IP range that is none',
    set('/settings/allowed_ip_address_ranges', ['203.0.113.256']),
    ['error ip-range /settings/allowed_ip_address_ranges/0'],
  ],
  [
    'an IPv6 range',
    set('/settings/allowed_ip_address_ranges', ['2001:db8::/32']),
    ['error ip-range /settings/allowed_ip_address_ranges/0'],
  ],
  ...['10.0.0.0/8', '127.0.0.1', '169.254.1.1', '100.64.0.1', '203.0.113.0/24', '224.0.0.1/32'].map(
    (range) =>
      [
        `the range ${range}, which is not public`,
        set('/settings/allowed_ip_address_ranges', [range]),
        ['error ip-range /settings/allowed_ip_address_ranges/0'],
      ] as const,
  ),
  [
    '11 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(11, '8.8.8.')),
    ['warning ip-range-count /settings/allowed_ip_address_ranges'],
  ],
  [
    '51 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(51, '8.8.8.')),
    ['error too-many-items /settings/allowed_ip_address_ranges'],
  ],
  [
    'an initiate URI over http',
    set('/settings/siws_links', { initiate_uri: 'http://example.com' }),
    ['error url-invalid /settings/siws_links/initiate_uri'],
  ],
  [
    'a switch that is a number',
    set('/settings/socket_mode_enabled', 1),
    ['error wrong-type /settings/socket_mode_enabled'],
  ],
  ['a mistyped setting', set('/settings/socket_mode', true), ['error unknown-key /settings/socket_mode']],
  [
    'a setting that only exports have',
    set('/settings/app_level_token_rotation_enabled', false),
    ['warning unlisted-key /settings/app_level_token_rotation_enabled'],
  ],

  // functions and the Marketplace
  [
    'functions without what they need',
    set('/functions', { greet: {} }),
    ['warning functions-need-settings /functions'],
  ],
  [
    'remote functions that are never called',
    all(
      set('/functions', { greet: {} }),
      set('/settings/org_deploy_enabled', true),
      set('/settings/function_runtime', 'remote'),
    ),
    ['warning functions-need-settings /functions'],
  ],
  [
    'a listing without its price',
    set('/app_directory', unpricedListing),
    ['error missing-key /app_directory'],
  ],
  [
    'a listing with a page that is none',
    set('/app_directory', { ...listing, support_url: 'example.com' }),
    ['error url-invalid /app_directory/support_url'],
  ],
];

describe('each change to the documented manifest gives', () => {
  it.each(mutations)('%s', async (_name, mutate, expected) => {
    const manifest = mutate(await documentedManifest());
    expect(found(await validateText(JSON.stringify(manifest, null, 2)))).toEqual(expected);
    expect(found(await validateText(await toYaml(manifest), 'manifest.yaml'))).toEqual(expected);
  });

  it('a message and a hint for each', async () => {
    const documented = await documentedManifest();
    for (const [, mutate] of mutations) {
      const { findings } = await validateText(JSON.stringify(mutate(documented)));
      for (const { message, hint } of findings) {
        expect(message).toMatch(/^\S.*[^.]$/);
        expect(hint).toMatch(/^[A-Z].*[.?]$/s);
      }
    }
  });
});

/** What Slack takes, and real manifests hold: nothing is to be said about it. */
const sound: readonly (readonly [name: string, mutate: Mutation])[] = [
  ['the documented manifest itself', (manifest) => manifest],
  ['a name alone', () => ({ display_information: { name: 'a' } })],
  ['a schema for the editor', set('/$schema', 'https://example.com/manifest.schema.json')],
  ['version 1', set('/_metadata', { major_version: 1, minor_version: 1 })],
  ['version 2 without functions', set('/_metadata', { major_version: 2 })],
  ['an empty _metadata', set('/_metadata', {})],
  ['a name of 35', set('/display_information/name', x(35))],
  ['a name of 35 emoji', set('/display_information/name', '🚀'.repeat(35))],
  ['a description of 139', set('/display_information/description', x(139))],
  ['a long description of 175', set('/display_information/long_description', x(175))],
  ['a long description of 4000', set('/display_information/long_description', x(4000))],
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
    'a home',
    set('/features/app_home', {
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: false,
    }),
  ],
  [
    'an assistant without prompts',
    set('/features/assistant_view', { assistant_description: 'Helps', suggested_prompts: [] }),
  ],
  [
    'an agent',
    set('/features/agent_view', {
      agent_description: 'Helps',
      suggested_prompts: [{ title: 'a', message: 'b' }],
      actions: [{ name: 'a', description: 'b' }],
    }),
  ],
  ['older functions', set('/features/functions', [{ callback_id: 'a' }])],
  ['no redirect URLs', set('/oauth_config/redirect_urls', [])],
  ['no oauth_config, with nothing that needs it', drop('/oauth_config', '/features', '/settings')],
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
    'scopes of people beside those of the bot',
    set(`${scopes}/user`, ['chat:write', 'search:read', 'users.profile:write', 'identity.basic']),
  ],
  [
    'the scope commands without a bot user',
    all(drop('/features/bot_user'), set(`${scopes}/bot`, ['commands', 'incoming-webhook'])),
  ],
  [
    'incoming webhooks',
    all(
      set('/settings/incoming_webhooks', { incoming_webhooks_enabled: true }),
      set(`${scopes}/bot/-`, 'incoming-webhook'),
    ),
  ],
  [
    'events with their scopes',
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
    'the events of people',
    all(set(`${scopes}/user`, ['channels:history']), set(`${events}/user_events`, ['message.channels'])),
  ],
  ['no events', all(drop(`${events}/request_url`), set(`${events}/bot_events`, []))],
  [
    'a subscription to every app',
    set(`${events}/metadata_subscriptions`, [{ app_id: '*', event_type: 'a' }]),
  ],
  [
    'Socket Mode without URLs',
    all(
      set('/settings/socket_mode_enabled', true),
      drop(`${events}/request_url`, `${clicks}/request_url`),
      set('/features/slash_commands', [{ command: '/a', description: 'x' }]),
    ),
  ],
  ['Socket Mode with URLs', set('/settings/socket_mode_enabled', true)],
  ['unlike hosts', set(`${events}/request_url`, 'https://hooks.example.org/slack')],
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
  ['sign-in with Slack', set('/settings/siws_links', { initiate_uri: 'https://example.com/in' })],
  [
    'MCP',
    all(set('/settings/is_mcp_enabled', true), set('/mcp_servers', { a: { url: 'https://a.example.com' } })),
  ],
  ['a listing', set('/app_directory', listing)],
  [
    'hosted functions in the form of version 2',
    all(
      set('/_metadata', { major_version: 2 }),
      set('/functions', { greet: { title: 'a', input_parameters: { properties: {}, required: [] } } }),
      set('/outgoing_domains', []),
      set('/settings', { org_deploy_enabled: true, function_runtime: 'slack', is_hosted: true }),
      set(scopes, { bot: [] }),
      drop('/features/slash_commands'),
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

describe('nothing is said about', () => {
  it.each(sound)('%s', async (_name, mutate) => {
    const manifest = mutate(await documentedManifest());
    expect(found(await validateText(JSON.stringify(manifest)))).toEqual([]);
    expect(found(await validateText(await toYaml(manifest), 'manifest.yml'))).toEqual([]);
  });
});

describe('--lenient', () => {
  it('makes unknown keys warnings, wherever they stand', async () => {
    const manifest = set(`${command}/icon`, 'x')(object(set('/icon', 'x')(await documentedManifest())));
    const file = await validateText(JSON.stringify(manifest), 'manifest.json', true);
    expect(found(file)).toEqual([`warning unknown-key ${command}/icon`, 'warning unknown-key /icon']);
    expect(file.valid).toBe(true);
  });

  it('leaves everything else an error', async () => {
    const file = await validateText('{"display_information":{}}', 'manifest.json', true);
    expect(found(file)).toEqual(['error missing-key /display_information']);
  });
});

describe('a hint says what was meant', () => {
  it.each<[string, Mutation, string]>([
    ['a key', set('/setings', {}), 'Did you mean settings?'],
    ['a scope', set(`${scopes}/bot/0`, 'chanels:read'), 'Did you mean channels:read?'],
    ['an event', set(`${events}/bot_events/0`, 'app_uninstall'), 'Did you mean app_uninstalled?'],
    ['a type', set('/features/shortcuts', [{ ...shortcut, type: 'mesage' }]), 'Did you mean message?'],
    ['a slash', set(`${command}/command`, 'spacelift'), 'Write "/spacelift".'],
    [
      'a scheme in capitals',
      set(`${clicks}/request_url`, 'HTTPS://a.example.com/'),
      'Write the scheme in lower case.',
    ],
    ['a blank behind a URL', set(`${clicks}/request_url`, 'https://a.example.com/ '), 'Remove the blank.'],
    [
      'a line break behind a URL',
      set(`${command}/url`, 'https://a.example.com/\n'),
      'Remove the line break.',
    ],
    ['a blank in a URL', set(`${command}/url`, 'https://h.example.com/a b'), 'Remove the blank.'],
    [
      'a blank in a redirect URL',
      set('/oauth_config/redirect_urls/0', '\thttps://h.example.com/a'),
      'Remove the blank.',
    ],
    [
      'a placeholder in a path',
      set(`${command}/url`, 'https://x.example.com/__hook__/slack'),
      'Put the real value in its place, or leave it where it is meant as it stands.',
    ],
    [
      'a URL that is not public',
      set(`${clicks}/request_url`, 'https://localhost/'),
      'Give a host with a public DNS name: a tunnel or a relay makes a private one reachable.',
    ],
    [
      'a missing scope',
      set(`${events}/bot_events/-`, 'app_mention'),
      'Add it to oauth_config.scopes.bot, or leave the event out.',
    ],
  ])('%s', async (_name, mutate, hint) => {
    const { findings } = await validateText(JSON.stringify(mutate(await documentedManifest())));
    expect(findings.map((finding) => finding.hint)).toContain(hint);
  });
});

it('every rule of the catalogue that a value can break has its row', () => {
  const ofTheText = [
    'too-large',
    'too-deep',
    'byte-order-mark',
    'encoding',
    'syntax',
    'duplicate-key',
    'yaml-alias',
    'yaml-tag',
    'yaml-boolean',
  ];
  const shown = new Set(mutations.flatMap(([, , findings]) => findings.map((line) => line.split(' ')[1])));
  expect(Object.keys(ruleCatalogue).filter((rule) => !shown.has(rule))).toEqual(ofTheText);
});
