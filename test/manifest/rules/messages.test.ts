import { expect, it } from 'vitest';
import { documentedManifest, validateText } from '../documented.ts';
import {
  agent,
  all,
  assistant,
  clicks,
  command,
  events,
  type Mutation,
  numbered,
  remove,
  scopes,
  set,
  shortcut,
  x,
} from '../mutation.ts';

const redirect = '/oauth_config/redirect_urls/0';
const otherCommand = { command: '/spacelift', description: 'x', url: 'https://a.example.com/' };

const rows: readonly (readonly [Mutation, string])[] = [
  [set(`${command}/url`, 'a b'), '"a b" is not a complete URL'],
  [set(`${command}/url`, 'https://a b/'), 'the URL "https://a b/" contains a space'],
  [set(`${command}/url`, 'https://a.\nb/'), String.raw`the URL "https://a.\nb/" contains a line break`],
  [
    set(`${command}/url`, 'https://localhost/'),
    "Slack's servers cannot reach localhost: it names their own machine",
  ],
  [
    set(`${command}/url`, 'https://localhost./'),
    "Slack's servers cannot reach localhost: it names their own machine",
  ],
  [
    set(`${command}/url`, 'https://[fd00::1]/'),
    "Slack's servers cannot reach fd00::1: it is not a public address",
  ],
  [
    set(`${command}/url`, 'https://[2606:4700::1111]/'),
    'the host is the IP address 2606:4700::1111, and few certificates cover one',
  ],
  [set(`${command}/url`, 'https://a/'), 'the host a is a single word, not a public DNS name'],
  [
    set(redirect, 'myapp://callback'),
    'the redirect URL has the scheme myapp, which Slack allows only with PKCE',
  ],
  [set(redirect, 'http://127.0.0.1/'), 'only a browser on the same machine can reach this redirect URL'],
  [set(redirect, 'https://[::1]:3000/'), 'only a browser on the same machine can reach this redirect URL'],
  [set(redirect, 'http://10.127.0.1/'), 'the redirect URL is http, and Slack requires https'],
  [set(`${scopes}/bot_optional`, ['chat:write:bot']), 'chat:write:bot is a scope of classic apps'],
  [set(`${scopes}/user_optional`, ['chat:write:user']), 'chat:write:user is a scope of classic apps'],
  [set(`${scopes}/bot/-`, 'bananas'), 'Slack documents no scope bananas'],
  [
    set(`${scopes}/bot/-`, 'connections:write'),
    'connections:write is a scope of app-level tokens, which a manifest cannot request',
  ],
  [set(`${scopes}/bot/-`, 'search:read'), 'search:read is a scope for user tokens, not for bots'],
  [
    set(`${scopes}/user_optional`, ['search:read']),
    'the optional scope search:read is not one of the user scopes',
  ],
  [remove('/features/bot_user'), 'the app has bot scopes such as channels:read, but no bot user'],
  [
    all(remove('/features/slash_commands'), set(`${scopes}/bot`, [])),
    'the app has a bot user, but no bot scope',
  ],
  [set(`${scopes}/bot/-`, 'chat:write'), 'the bot scope chat:write is listed twice'],
  [
    set(command, { command: '/a', description: 'x' }),
    'the command has no url, so Slack calls nothing when someone types it',
  ],
  [
    set(`${scopes}/bot`, ['chat:write']),
    'slash commands are declared, but the bot scope commands is missing',
  ],
  [set('/features/slash_commands/-', otherCommand), '/spacelift is declared twice'],
  [set(`${command}/command`, '/me'), "/me is one of Slack's own commands"],
  [
    set(`${command}/command`, '/Space'),
    'the command "/Space" has a space, a capital letter or a second slash',
  ],
  [remove(`${events}/request_url`), 'events are listed, but there is no request_url'],
  [all(remove('/oauth_config'), set('/features', {})), 'events are listed, but there is no oauth_config'],
  [set(`${events}/bot_events/0`, 'presence_change'), 'Slack rejects subscriptions to presence_change'],
  [set(`${events}/bot_events/0`, 'banana'), 'Slack documents no event banana'],
  [
    set(`${events}/bot_events/-`, 'app_mention'),
    'the event app_mention needs the bot scope app_mentions:read',
  ],
  [
    set(`${events}/user_events`, ['channel_shared']),
    'the event channel_shared needs the user scope channels:read or groups:read',
  ],
  [
    all(
      set(`${events}/bot_events/-`, 'message.im'),
      set('/features/app_home', { messages_tab_enabled: false }),
    ),
    'message.im is subscribed, but the Messages tab is off',
  ],
  [
    all(
      set(`${events}/bot_events/-`, 'message.im'),
      set('/features/app_home', { messages_tab_read_only_enabled: true }),
    ),
    'message.im is subscribed, but the Messages tab is read-only',
  ],
  [
    set(`${events}/user_events`, ['link_shared']),
    'link_shared is subscribed, but there are no unfurl domains',
  ],
  [
    set(`${scopes}/bot/-`, 'assistant:write'),
    'the scope assistant:write is requested, but the app has no agent_view',
  ],
  [set('/features/agent_view', agent), 'the app has agent_view, but not the bot scope assistant:write'],
  [
    set('/features/assistant_view', assistant),
    'the app has assistant_view, but not the bot scope assistant:write',
  ],
  [
    set('/features/assistant_view', assistant),
    'Slack accepts assistant_view only for apps that have it already',
  ],
  [
    set('/features/assistant_view', assistant),
    'the app has assistant_view, but not the bot event assistant_thread_started',
  ],
  [
    set('/display_information/description', x(140)),
    'the description has exactly 140 characters, which Slack has rejected',
  ],
  [
    set('/features/bot_user/display_name', 'é'),
    "the bot's name has characters outside ASCII, which Slack has rejected (bad_username)",
  ],
  [remove(`${clicks}/request_url`), 'interactivity is on, but there is no request_url'],
  [
    all(remove(clicks), set('/features/shortcuts', [shortcut])),
    'shortcuts are declared, but interactivity is off',
  ],
  [
    all(set(`${scopes}/bot`, ['chat:write']), set('/features/shortcuts', [shortcut])),
    'shortcuts are declared, but the scope commands is missing',
  ],
  [
    set('/functions', { greet: {} }),
    'custom functions are declared without settings.org_deploy_enabled: true and settings.function_runtime',
  ],
  [
    all(set('/functions', { greet: {} }), set('/settings/function_runtime', 'remote')),
    'custom functions are declared without settings.org_deploy_enabled: true and the bot event function_executed',
  ],
  [
    set('/settings/allowed_ip_address_ranges', ['10.0.0.0/8']),
    '10.0.0.0/8 is not a public address, so no call reaches Slack from there',
  ],
  [
    set('/settings/allowed_ip_address_ranges', numbered(11, '8.8.8.')),
    "there are 11 ranges; Slack's documentation allows 10, its schema 50",
  ],
  [set(`${events}/request_url`, 'https://<host>/'), 'the URL still has the placeholder <host>'],
  [
    set(`${events}/request_url`, 'https://your-app.example.com/'),
    '"your-app" in the URL looks like a placeholder',
  ],
  [set(`${events}/request_url`, 'ftp://a.example.com/'), 'Slack calls https URLs only, and this is ftp'],
  [
    set(`${events}/request_url`, 'https://spacelift.corp/'),
    'the host spacelift.corp has an ending that only private networks use',
  ],
  [set(redirect, 'https://a.example.com/#b'), 'the redirect URL has a fragment'],
];

it.each(rows.map(([mutate, message]) => [message, mutate] as const))('says: %s', async (message, mutate) => {
  const { findings } = await validateText(JSON.stringify(mutate(await documentedManifest())));
  expect(findings.map((finding) => finding.message)).toContain(message);
});

it('suggests no scope where none is near', async () => {
  const manifest = set(`${scopes}/bot/-`, 'bananas')(await documentedManifest());
  const { findings } = await validateText(JSON.stringify(manifest));
  expect(findings.map(({ hint }) => hint).join()).not.toContain('Did you mean');
});
