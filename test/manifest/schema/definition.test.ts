import { expect, it } from 'vitest';
import {
  definitionFor,
  descriptionOf,
  knownKeys,
  placesOf,
} from '../../../src/manifest/schema/definition.ts';

it.each<[string, readonly string[]]>([
  ['/oauth_config', ['redirect_urls', 'scopes', 'token_management_enabled', 'pkce_enabled']],
  ['/oauth_config/scopes', ['bot', 'user', 'bot_optional', 'user_optional']],
  ['/features/slash_commands/3', ['command', 'description', 'url', 'usage_hint', 'should_escape']],
  ['/features/slash_commands', []],
  ['/features/slash_commands/3/command', []],
  ['/features/slash_commands/3/command/deeper', []],
  ['/functions/greet', []],
  ['/unknown/deeper', []],
])('knows the keys of %s: %j', (pointer, keys) => {
  expect(knownKeys(pointer)).toEqual(keys);
});

it.each([
  ['/features/slash_commands/0/url', 'calledUrl3000'],
  ['/settings/interactivity/request_url', 'calledUrl3500'],
  ['/oauth_config/scopes/bot', 'scopes'],
  ['/oauth_config/scopes/bot/0', undefined],
  ['/display_information/name', undefined],
  ['/unknown', undefined],
])('names the definition of %s: %s', (pointer, name) => {
  expect(definitionFor(pointer).name).toBe(name);
});

it.each([
  ['', 'settings', 'How Slack reaches the app, and what it may do.'],
  ['/features/slash_commands/0', 'command', 'The command with its leading slash.'],
  ['/display_information', 'name', "The app's name."],
  ['/display_information', 'title', undefined],
  ['/unknown', 'name', undefined],
])('describes the key of %s called %s: %s', (pointer, key, description) => {
  expect(descriptionOf(pointer, key)).toBe(description);
});

it('finds the objects in which a key is known', () => {
  expect(
    ['settings', 'bot_user', 'usage_hint', 'bot_events', 'callback_id', 'redirect', 'toString'].map(placesOf),
  ).toEqual([
    [''],
    ['features'],
    ['features.slash_commands[]'],
    ['settings.event_subscriptions'],
    ['features.shortcuts[]', 'features.workflow_steps[]'],
    [],
    [],
  ]);
});
