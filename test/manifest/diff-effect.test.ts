import { expect, it } from 'vitest';
import { type ChangeKind, diffEffect } from '../../src/manifest/diff-effect.ts';

const unknown = 'The documented manifest differs here; no effect on the integration is known.';
const looks = 'Only how the app looks in Slack differs.';
const commands = '/features/slash_commands';
const events = '/settings/event_subscriptions';

it.each<[ChangeKind, string, string]>([
  ['added', '/oauth_config/scopes', 'Spacelift lacks this permission'],
  ['added', '/oauth_config/scopes/bot/-', 'Spacelift lacks this permission'],
  ['removed', '/oauth_config/scopes/bot/0', 'Spacelift does not need this scope'],
  ['changed', '/oauth_config/scopes', 'The scopes differ'],
  ['added', '/oauth_config/redirect_urls', 'Without this URL'],
  ['removed', '/oauth_config/redirect_urls/0', 'a URL that is not Spacelift'],
  ['changed', '/oauth_config/redirect_urls/0', 'With another redirect URL'],
  ['changed', `${commands}/0/url`, 'dispatch_failed'],
  ['changed', `${commands}/12/url`, 'dispatch_failed'],
  ['added', `${commands}/12`, 'does not exist in Slack'],
  ['removed', `${commands}/12/should_escape`, 'a format that it does not expect'],
  ['removed', `${commands}/0/should_escape_of`, 'Only what Slack shows beside the command'],
  ['added', commands, 'does not exist in Slack'],
  ['added', `${commands}/-`, 'does not exist in Slack'],
  ['removed', `${commands}/0`, 'is removed from Slack'],
  ['changed', `${commands}/0/command`, 'does not have the documented name'],
  ['removed', `${commands}/0/should_escape`, 'a format that it does not expect'],
  ['changed', `${commands}/0/usage_hint`, 'Only what Slack shows beside the command'],
  ['changed', `${commands}/0/url_of`, 'Only what Slack shows beside the command'],
  ['changed', `${events}/request_url`, 'Events are lost'],
  ['added', `${events}/bot_events`, 'Slack does not send this event'],
  ['added', `${events}/user_events/-`, 'Slack does not send this event'],
  ['removed', `${events}/bot_events/0`, 'an event that Spacelift does not use'],
  ['added', events, 'Slack sends no events'],
  ['removed', events, 'Slack stops sending events'],
  ['removed', '/settings/interactivity', 'Buttons in notifications'],
  ['changed', '/settings/interactivity/is_enabled', 'Buttons in notifications'],
  ['removed', '/settings/token_rotation_enabled', 'tokens expire after twelve hours'],
  ['changed', '/settings/org_deploy_enabled', 'a whole organisation can install the app'],
  ['removed', '/settings/allowed_ip_address_ranges', 'egress addresses of Spacelift'],
  ['added', '/settings/allowed_ip_address_ranges/-', 'egress addresses of Spacelift'],
  ['added', '/features/bot_user', 'Without a bot user Spacelift cannot post.'],
  ['removed', '/features/bot_user', 'The bot is removed, so Spacelift cannot post.'],
  ['added', '/features/bot_user/display_name', 'Without a bot user Spacelift cannot post.'],
  ['changed', '/features/bot_user/display_name', looks],
  ['added', '/features/bot_user/always_online', looks],
  ['removed', '/display_information/background_color', 'the colour cannot be removed'],
  ['changed', '/display_information/background_color', looks],
  ['changed', '/display_information', looks],
  ['removed', '/features/app_home', looks],
  ['changed', '/features/app_home/home_tab_enabled', looks],
])('a difference that is %s at %s: %s', (kind, pointer, effect) => {
  expect(diffEffect({ kind, pointer })).toContain(effect);
});

it.each([
  ['changed', ''],
  ['changed', `/x${commands}/0/url`],
  ['changed', `/x${commands}/0/should_escape`],
  ['removed', '/x/display_information/background_color'],
  ['changed', events],
  ['changed', `${events}/bot_events`],
  ['added', '/features/shortcuts'],
  ...[
    '/oauth_config/scopes',
    '/oauth_config/redirect_urls',
    commands,
    `${events}/request_url`,
    `${events}/bot_events`,
    events,
    '/settings/interactivity',
    '/settings/token_rotation_enabled',
    '/settings/org_deploy_enabled',
    '/settings/allowed_ip_address_ranges',
    '/settings/socket_mode_enabled',
    '/features/bot_user',
    '/display_information',
    '/features/app_home',
  ].flatMap((pointer) => [['added', `${pointer}_of`] as const, ['added', `/x${pointer}`] as const]),
] as const)('a difference that is %s at %s has no known effect', (kind, pointer) => {
  expect(diffEffect({ kind, pointer })).toBe(unknown);
});

it('names the option and the command that fit Socket Mode', () => {
  const at = { kind: 'changed', pointer: '/settings/socket_mode_enabled' } as const;
  expect(diffEffect({ ...at, to: true })).toContain('over the connections of serve --socket-mode');
  expect(diffEffect({ ...at, to: false })).toContain('pass --socket-mode if that is intended');
  expect(diffEffect({ ...at, kind: 'removed' })).toContain('pass --socket-mode if that is intended');
});
