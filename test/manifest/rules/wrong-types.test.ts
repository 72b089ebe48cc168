import { describe } from 'vitest';
import {
  all,
  clicks,
  command,
  events,
  itReports,
  type Row,
  remove,
  scopes,
  set,
  shortcut,
} from '../mutation.ts';

const wrongTypes: readonly Row[] = [
  ['an array', () => [], ['error wrong-type']],
  ['a string', () => 'manifest', ['error wrong-type']],
  ['null', () => null, ['error wrong-type']],
  ['a section that is null', set('/settings', null), ['error wrong-type /settings']],
  [
    'a version that is a string',
    set('/_metadata', { major_version: '1' }),
    ['error wrong-type /_metadata/major_version'],
  ],
  [
    'a name that is a number',
    set('/display_information/name', 7),
    ['error wrong-type /display_information/name'],
  ],
  [
    'a switch that is a string',
    set('/features/bot_user/always_online', 'true'),
    ['error wrong-type /features/bot_user/always_online'],
  ],
  ['a command that is a string', set(command, '/spacelift'), [`error wrong-type ${command}`]],
  [
    'unfurl domains that are objects',
    set('/features/unfurl_domains', [{ valueOf: 1 }, { valueOf: 1 }]),
    ['error wrong-type /features/unfurl_domains/0', 'error wrong-type /features/unfurl_domains/1'],
  ],
  [
    'a redirect URL that is a number',
    set('/oauth_config/redirect_urls/0', 5),
    ['error wrong-type /oauth_config/redirect_urls/0'],
  ],
  [
    'redirect URLs that are a string',
    set('/oauth_config/redirect_urls', 'https://spacelift.example.com/slack_oauth'),
    ['error wrong-type /oauth_config/redirect_urls'],
  ],
  ['bot scopes that are a string', set(`${scopes}/bot`, 'chat:write'), [`error wrong-type ${scopes}/bot`]],
  [
    'a scope that became an object',
    all(set(`${scopes}/bot/3`, { commands: null }), set(`${scopes}/bot_optional`, ['commands'])),
    [`error wrong-type ${scopes}/bot/3`],
  ],
  ['scopes that are an array', set(scopes, ['chat:write']), [`error wrong-type ${scopes}`]],
  ['an oauth_config that is a string', set('/oauth_config', 'none'), ['error wrong-type /oauth_config']],
  ['features that are an array', set('/features', []), ['error wrong-type /features']],
  [
    'a bot user that is a string, without scopes',
    all(remove('/features/slash_commands', scopes), set('/features/bot_user', 'Spacelift')),
    ['error wrong-type /features/bot_user'],
  ],
  [
    'Socket Mode that is a string, without URLs',
    all(
      set('/settings/socket_mode_enabled', 'true'),
      remove(`${events}/request_url`, `${clicks}/request_url`),
      set('/features/slash_commands', [{ command: '/a', description: 'x' }]),
    ),
    ['error wrong-type /settings/socket_mode_enabled'],
  ],
  [
    'shortcuts, and settings that are a string',
    all(set('/features/shortcuts', [shortcut]), set('/settings', 'none')),
    ['error wrong-type /settings'],
  ],
  [
    'shortcuts, and interactivity with a string in is_enabled',
    all(set('/features/shortcuts', [shortcut]), set(`${clicks}/is_enabled`, 'true')),
    [`error wrong-type ${clicks}/is_enabled`],
  ],
  [
    'functions, and settings that are null',
    all(set('/functions', { greet: {} }), set('/settings', null)),
    ['error wrong-type /settings'],
  ],
  [
    'functions, and what they need in the wrong types',
    all(
      set('/functions', { greet: {} }),
      set('/settings/org_deploy_enabled', 'true'),
      set('/settings/function_runtime', 'remote'),
      set(`${events}/bot_events`, 'function_executed'),
    ),
    [`error wrong-type ${events}/bot_events`, 'error wrong-type /settings/org_deploy_enabled'],
  ],
  [
    'a redirect URL with a scheme of its own, and PKCE that is a string',
    all(set('/oauth_config/redirect_urls/0', 'myapp://callback'), set('/oauth_config/pkce_enabled', 'true')),
    ['error wrong-type /oauth_config/pkce_enabled'],
  ],
  [
    'events that are a string',
    set(`${events}/bot_events`, 'app_uninstalled'),
    [`error wrong-type ${events}/bot_events`],
  ],
  [
    'a switch that is a number',
    set('/settings/socket_mode_enabled', 1),
    ['error wrong-type /settings/socket_mode_enabled'],
  ],
];

describe('a value of the wrong type with an unclear intent is reported alone', () => {
  itReports(wrongTypes);
});
