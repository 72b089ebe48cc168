import { expect, it } from 'vitest';
import { documentedManifest, found, object, validateText } from '../documented.ts';
import { clicks, command, events, type Mutation, numbered, scopes, set, shortcut } from '../mutation.ts';

const redirect = '/oauth_config/redirect_urls/0';

it.each<[string, Mutation, string]>([
  ['a mistyped section', set('/setings', {}), 'Did you mean settings?'],
  ['a mistyped scope', set(`${scopes}/bot/0`, 'chanels:read'), 'Did you mean channels:read?'],
  ['a mistyped event', set(`${events}/bot_events/0`, 'app_uninstall'), 'Did you mean app_uninstalled?'],
  ['a mistyped type', set('/features/shortcuts', [{ ...shortcut, type: 'mesage' }]), 'Did you mean message?'],
  ['a missing slash', set(`${command}/command`, 'spacelift'), 'Write "/spacelift".'],
  [
    'a scheme in capitals',
    set(`${clicks}/request_url`, 'HTTPS://a.example.com/'),
    'Write the scheme in lower case.',
  ],
  [
    'a URL over http',
    set(`${events}/request_url`, 'http://a.example.com/'),
    'Put a certificate in front of the endpoint and write https://.',
  ],
  ['a mistyped user scope', set(`${scopes}/user`, ['serch:read']), 'Did you mean search:read?'],
  ['a space behind a URL', set(`${clicks}/request_url`, 'https://a.example.com/ '), 'Remove the space.'],
  ['a line break behind a URL', set(`${command}/url`, 'https://a.example.com/\n'), 'Remove the line break.'],
  ['a space in a URL', set(`${command}/url`, 'https://h.example.com/a b'), 'Remove the space.'],
  [
    'a space in a redirect URL',
    set('/oauth_config/redirect_urls/0', '\thttps://h.example.com/a'),
    'Remove the space.',
  ],
  [
    'a placeholder in a path',
    set(`${command}/url`, 'https://x.example.com/__hook__/slack'),
    'Replace it with the real value, unless the text is intended.',
  ],
  [
    'a URL that is not public',
    set(`${clicks}/request_url`, 'https://localhost/'),
    'Use a host with a public DNS name: a tunnel or a relay makes a private one reachable.',
  ],
  ['a section under features', set('/features/settings', {}), 'Move it to the top level.'],
  ['a key of another section', set('/settings/slash_commands', []), 'Move it to features.'],
  [
    'a key of a deeper section',
    set('/display_information/bot_events', []),
    'Move it to settings.event_subscriptions.',
  ],
  [
    'a key of two other sections',
    set('/features/suggested_prompts', []),
    'Move it to features.assistant_view or features.agent_view.',
  ],
  ['a user scope list beside the scopes', set('/oauth_config/user', []), 'Move it to oauth_config.scopes.'],
  ['a legacy scope', set(`${scopes}/user`, ['files:write:user']), 'Use files:write instead.'],
  [
    'a scope of app-level tokens',
    set(`${scopes}/bot/-`, 'connections:write'),
    'Remove it, and generate the token under Basic Information > App-Level Tokens.',
  ],
  [
    'a missing scope',
    set(`${events}/bot_events/-`, 'app_mention'),
    'Add it to oauth_config.scopes.bot, or remove the event.',
  ],
  [
    'an event without its two scopes',
    set(`${events}/user_events`, ['channel_shared']),
    'Add one of them to oauth_config.scopes.user, or remove the event.',
  ],
  ['an event that Slack rejects', set(`${events}/bot_events/0`, 'presence_change'), 'Remove it.'],
  [
    'an optional scope that is not one of the scopes',
    set(`${scopes}/bot_optional`, ['files:read']),
    'Add it to oauth_config.scopes.bot too, or remove it here.',
  ],
  [
    'a redirect URL with a fragment',
    set(redirect, 'https://a.example.com/#b'),
    'Remove the # and what follows it.',
  ],
  ['a redirect URL over http', set(redirect, 'http://a.example.com/'), 'Write https://.'],
  [
    'a redirect URL on this machine',
    set(redirect, 'http://localhost/'),
    'Use the public URL before anyone else installs the app; during development this is fine.',
  ],
  [
    'a redirect URL with a scheme of its own',
    set(redirect, 'myapp://callback'),
    'Write an https URL, or turn on PKCE if this is a desktop or mobile app.',
  ],
])('says what to do about %s', async (_name, mutate, hint) => {
  const { findings } = await validateText(JSON.stringify(mutate(await documentedManifest())));
  expect(findings.map((finding) => finding.hint)).toContain(hint);
});

it('lists the known keys of an object once, however many unknown ones it has', async () => {
  const unknown = Object.fromEntries(numbered(11, 'zzzzzzzz').map((key) => [key, 1]));
  const { findings } = await validateText(JSON.stringify({ ...(await documentedManifest()), ...unknown }));
  expect(findings).toHaveLength(11);
  expect(findings.filter(({ hint }) => hint.includes('Known here: '))).toHaveLength(1);
  expect(findings.filter(({ hint }) => hint === 'Remove it.')).toHaveLength(10);
});

it('makes unknown keys warnings with --lenient, wherever they are, and nothing else', async () => {
  const manifest = set(`${command}/icon`, 'x')(object(set('/icon', 'x')(await documentedManifest())));
  const file = await validateText(JSON.stringify(manifest), 'manifest.json', true);
  expect(found(file)).toEqual([`warning unknown-key ${command}/icon`, 'warning unknown-key /icon']);
  expect(file.valid).toBe(true);
  expect(found(await validateText('{"display_information":{}}', 'manifest.json', true))).toEqual([
    'error missing-key /display_information',
  ]);
});
