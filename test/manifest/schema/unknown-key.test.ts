import { expect, it } from 'vitest';
import { UnknownKeys } from '../../../src/manifest/schema/unknown-key.ts';

it.each([
  ['/oauth_config', 'scopes ', 'Remove the space around it, perhaps a no-break space.'],
  ['/oauth_config', '\u00a0scopes', 'Remove the space around it, perhaps a no-break space.'],
  ['/oauth_config', 'scope', 'Did you mean scopes?'],
  ['/oauth_config', 'scope ', 'Did you mean scopes?'],
  ['/oauth_config', 'bot_events', 'Move it to settings.event_subscriptions.'],
  ['/oauth_config', 'features', 'Move it to the top level.'],
  ['/oauth_config', 'callback_id', 'Move it to features.shortcuts[] or features.workflow_steps[].'],
  [
    '/oauth_config',
    'description',
    'Remove it. Known here: redirect_urls, scopes, token_management_enabled, pkce_enabled.',
  ],
  [
    '/oauth_config',
    'zzzzzz',
    'Remove it. Known here: redirect_urls, scopes, token_management_enabled, pkce_enabled.',
  ],
])('says what to do about the key of %s called %j: %s', (parent, key, hint) => {
  expect(new UnknownKeys(false).report(parent, key)).toMatchObject({
    rule: 'unknown-key',
    severity: 'error',
    pointer: `${parent}/${key}`,
    at: 'key',
    message: `the key "${key}" is unknown here`,
    hint,
  });
});

it('is lenient only if asked to be', () => {
  expect(new UnknownKeys(true).report('', 'icon').severity).toBe('warning');
});

it('lists the known keys of each object once', () => {
  const keys = new UnknownKeys(false);
  const hints = ['/oauth_config', '/oauth_config', '/features/bot_user', '/oauth_config'].map(
    (parent) => keys.report(parent, 'zzzzzz').hint,
  );
  expect(hints).toEqual([
    'Remove it. Known here: redirect_urls, scopes, token_management_enabled, pkce_enabled.',
    'Remove it.',
    'Remove it. Known here: display_name, always_online.',
    'Remove it.',
  ]);
});
