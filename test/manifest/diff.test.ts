import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/json-value.ts';
import { type Change, diffManifests } from '../../src/manifest/diff.ts';
import { mergePatch } from '../../src/manifest/merge-patch.ts';
import { documentedManifest, object } from './documented.ts';

const scopes = [
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'links:write',
  'team:read',
  'users:read',
];
const url = 'https://spacelift.example.com/webhooks/slack';
const command = {
  command: '/spacelift',
  url,
  description: 'Get notified about Spacelift events',
  usage_hint: 'subscribe, unsubscribe or help',
  should_escape: false,
};

/** The changes that turn the patched documented manifest into the documented one again. */
async function changes(patch: JsonValue): Promise<readonly Change[]> {
  const documented = await documentedManifest();
  return diffManifests(mergePatch(documented, patch), documented);
}

const short = ({ kind, pointer }: Change) => `${kind} ${pointer}`;

describe('what counts as equal', () => {
  it.each<[string, JsonValue]>([
    ['the same', {}],
    ['scopes in another order', { oauth_config: { scopes: { bot: [...scopes].reverse() } } }],
    ['keys in another order', { settings: { interactivity: { request_url: url, is_enabled: true } } }],
    [
      'switches that are off, or not there',
      { settings: { socket_mode_enabled: null, org_deploy_enabled: null, is_hosted: false } },
    ],
    [
      'empty lists',
      {
        oauth_config: { scopes: { user: [], bot_optional: [] } },
        settings: { event_subscriptions: { user_events: [] } },
      },
    ],
    ['an empty part', { features: { app_home: { home_tab_enabled: false } }, functions: {} }],
    ['version 1', { _metadata: { major_version: 1, minor_version: 1 } }],
    ['a schema for the editor', { $schema: 'https://example.com/schema.json' }],
    [
      'should_escape left out',
      {
        features: {
          slash_commands: [{ ...command, should_escape: null }].map((item) => mergePatch({}, item)),
        },
      },
    ],
  ])('%s', async (_name, patch) => {
    expect(await changes(patch)).toEqual([]);
  });

  it('events in another order', () => {
    const events = (bot_events: string[]) => ({ settings: { event_subscriptions: { bot_events } } });
    expect(diffManifests(events(['a', 'b', 'c']), events(['c', 'a', 'b']))).toEqual([]);
  });

  it('a colour in capitals', () => {
    const colour = (background_color: string) => ({ display_information: { background_color } });
    expect(diffManifests(colour('#ABCDEF'), colour('#abcdef'))).toEqual([]);
  });
});

describe('each difference, with what it does', () => {
  it.each<[string, JsonValue, readonly (readonly [string, string])[]]>([
    [
      'a scope is missing',
      { oauth_config: { scopes: { bot: scopes.slice(1) } } },
      [['added /oauth_config/scopes/bot/-', 'reinstalled']],
    ],
    [
      'a scope too many',
      { oauth_config: { scopes: { bot: ['im:read', ...scopes] } } },
      [['removed /oauth_config/scopes/bot/0', 'does not need this scope']],
    ],
    [
      'another scope',
      { oauth_config: { scopes: { bot: ['im:read', ...scopes.slice(1)] } } },
      [
        ['removed /oauth_config/scopes/bot/0', 'does not need'],
        ['added /oauth_config/scopes/bot/-', 'reinstalled'],
      ],
    ],
    ['no scopes at all', { oauth_config: { scopes: null } }, [['added /oauth_config/scopes', 'reinstalled']]],
    [
      'another redirect URL',
      { oauth_config: { redirect_urls: ['https://old.example.com/slack_oauth'] } },
      [['changed /oauth_config/redirect_urls/0', 'bad_redirect_uri']],
    ],
    [
      'a redirect URL too many, in front',
      {
        oauth_config: {
          redirect_urls: ['https://old.example.com/slack_oauth', 'https://spacelift.example.com/slack_oauth'],
        },
      },
      [['removed /oauth_config/redirect_urls/0', 'not Spacelift']],
    ],
    [
      'no redirect URL',
      { oauth_config: { redirect_urls: [] } },
      [['added /oauth_config/redirect_urls/-', 'bad_redirect_uri']],
    ],
    [
      'events go elsewhere',
      { settings: { event_subscriptions: { request_url: 'https://old.example.com/' } } },
      [['changed /settings/event_subscriptions/request_url', 'Events are lost']],
    ],
    [
      'no event',
      { settings: { event_subscriptions: { bot_events: [] } } },
      [['added /settings/event_subscriptions/bot_events/-', 'app_uninstalled']],
    ],
    [
      'no event subscriptions',
      { settings: { event_subscriptions: null } },
      [['added /settings/event_subscriptions', 'never learns']],
    ],
    [
      'an event too many',
      { settings: { event_subscriptions: { bot_events: ['app_uninstalled', 'team_join'] } } },
      [['removed /settings/event_subscriptions/bot_events/1', 'does not use']],
    ],
    [
      'interactivity is off',
      { settings: { interactivity: { is_enabled: false } } },
      [['changed /settings/interactivity/is_enabled', 'Buttons']],
    ],
    [
      'clicks go elsewhere',
      { settings: { interactivity: { request_url: 'https://old.example.com/' } } },
      [['changed /settings/interactivity/request_url', 'Buttons']],
    ],
    [
      'Socket Mode',
      { settings: { socket_mode_enabled: true } },
      [['changed /settings/socket_mode_enabled', 'sends nothing to the request URLs']],
    ],
    [
      'token rotation',
      { settings: { token_rotation_enabled: true } },
      [['changed /settings/token_rotation_enabled', 'twelve hours']],
    ],
    [
      'org deployment',
      { settings: { org_deploy_enabled: true } },
      [['changed /settings/org_deploy_enabled', 'organisation']],
    ],
    [
      'allowed addresses',
      { settings: { allowed_ip_address_ranges: ['203.0.113.0/24'] } },
      [['removed /settings/allowed_ip_address_ranges', 'egress']],
    ],
    [
      'the command goes elsewhere',
      { features: { slash_commands: [{ ...command, url: 'https://old.example.com/' }] } },
      [['changed /features/slash_commands/0/url', 'dispatch_failed']],
    ],
    [
      'another command',
      { features: { slash_commands: [{ ...command, command: '/sl' }] } },
      [
        ['removed /features/slash_commands/0', 'is removed from Slack'],
        ['added /features/slash_commands/-', 'does not exist'],
      ],
    ],
    [
      'a command in front of ours',
      {
        features: {
          slash_commands: [
            { ...command, command: '/other' },
            { ...command, usage_hint: 'x' },
          ],
        },
      },
      [
        ['changed /features/slash_commands/1/usage_hint', 'Only what Slack shows'],
        ['removed /features/slash_commands/0', 'is removed from Slack'],
      ],
    ],
    [
      'escaping',
      { features: { slash_commands: [{ ...command, should_escape: true }] } },
      [['changed /features/slash_commands/0/should_escape', 'does not expect']],
    ],
    [
      'no settings at all',
      { settings: null },
      [
        ['added /settings/event_subscriptions', 'never learns'],
        ['added /settings/interactivity', 'Buttons'],
      ],
    ],
    ['no bot', { features: { bot_user: null } }, [['added /features/bot_user', 'cannot post']]],
    [
      'another name',
      { display_information: { name: 'Old' } },
      [['changed /display_information/name', 'Only how the app looks']],
    ],
    [
      'a colour too many',
      { display_information: { background_color: null } },
      [['added /display_information/background_color', 'Only how the app looks']],
    ],
    ['version 2', { _metadata: { major_version: 2 } }, [['removed /_metadata', 'no effect']]],
    [
      'another part',
      { settings: { is_mcp_enabled: true } },
      [['removed /settings/is_mcp_enabled', 'no effect']],
    ],
    ['a part of another type', { settings: 5 }, [['changed /settings', 'no effect']]],
  ])('%s', async (_name, patch, expected) => {
    const found = await changes(patch);
    expect(found.map(short)).toEqual(expected.map(([where]) => where));
    for (const [index, [, effect]] of expected.entries()) expect(found[index]?.effect).toContain(effect);
  });

  it('has from and to where each exists', async () => {
    const [change] = await changes({ display_information: { name: 'Old' } });
    expect(change).toEqual({
      kind: 'changed',
      pointer: '/display_information/name',
      from: 'Old',
      to: 'Spacelift',
      effect: expect.any(String),
    });
    const [added] = await changes({ features: { bot_user: null } });
    expect(added).not.toHaveProperty('from');
    const [removed] = await changes({ settings: { is_mcp_enabled: true } });
    expect(removed).not.toHaveProperty('to');
  });

  it('compares any two JSON values', async () => {
    const documented = await documentedManifest();
    expect(diffManifests(null, documented).map(short)).toEqual(['changed ']);
    expect(diffManifests([], documented).map(short)).toEqual(['changed ']);
    expect(diffManifests(JSON.parse('{"__proto__":{"a":1}}'), {}).map(short)).toEqual(['removed /__proto__']);
    expect(diffManifests({ a: null }, {}).map(short)).toEqual(['removed /a']);
  });

  it('reports an item that is repeated in one of the two', () => {
    const bot = (list: string[]) => ({ oauth_config: { scopes: { bot: list } } });
    expect(diffManifests(bot(['a', 'a']), bot(['a'])).map(short)).toEqual([
      'removed /oauth_config/scopes/bot/1',
    ]);
  });
});

it('reports each of the four places of another domain', async () => {
  const found = diffManifests(await documentedManifest('old.example.com'), await documentedManifest());
  expect(found.map(short)).toEqual([
    'changed /features/slash_commands/0/url',
    'changed /oauth_config/redirect_urls/0',
    'changed /settings/event_subscriptions/request_url',
    'changed /settings/interactivity/request_url',
  ]);
  expect(object({ ...found[1] } as JsonValue)['from']).toBe('https://old.example.com/slack_oauth');
});

describe('an app that uses Socket Mode', () => {
  const socketMode = { settings: { socket_mode_enabled: true } };
  const withoutUrls = {
    features: { slash_commands: [{ command: '/spacelift', description: command.description }] },
    settings: {
      event_subscriptions: { request_url: null },
      interactivity: { request_url: null },
      socket_mode_enabled: true,
    },
  };

  it('is one difference, which names the option, and not one for each URL', async () => {
    const documented = await documentedManifest();
    const { url: _, ...withoutUrl } = command;
    const live = mergePatch(documented, { ...withoutUrls, features: { slash_commands: [withoutUrl] } });
    const found = diffManifests(live, documented);
    expect(found.map(short)).toEqual(['changed /settings/socket_mode_enabled']);
    expect(found[0]?.effect).toContain('pass --socket-mode if that is intended');
  });

  it('does not differ by the URLs that Slack remembers and no longer calls', async () => {
    const documented = await documentedManifest();
    const { url: _, ...withoutUrl } = command;
    const wanted = mergePatch(documented, { ...withoutUrls, features: { slash_commands: [withoutUrl] } });
    expect(diffManifests(mergePatch(documented, socketMode), wanted)).toEqual([]);
    const off = diffManifests(documented, wanted);
    expect(off.map(short)).toEqual(['changed /settings/socket_mode_enabled']);
    expect(off[0]?.effect).toContain('serve --socket-mode');
  });
});

describe('arrays', () => {
  const redirect = (...redirect_urls: string[]) => ({ oauth_config: { redirect_urls } });
  const shortcuts = (...list: JsonValue[]) => ({ features: { shortcuts: list } });
  const events = (...user_events: string[]) => ({ settings: { event_subscriptions: { user_events } } });
  const optional = (...bot_optional: string[]) => ({ oauth_config: { scopes: { bot_optional } } });
  const urls = '/oauth_config/redirect_urls';

  it.each<[string, JsonValue, JsonValue, readonly string[]]>([
    ['one of two is missing', redirect('a'), redirect('a', 'b'), [`added ${urls}/-`]],
    ['one is another', redirect('a', 'x'), redirect('a', 'b'), [`changed ${urls}/1`]],
    [
      'one is another, and one more is missing',
      redirect('x'),
      redirect('a', 'b'),
      [`changed ${urls}/0`, `added ${urls}/-`],
    ],
    [
      'one is another, and one more is there',
      redirect('x', 'y'),
      redirect('a'),
      [`changed ${urls}/0`, `removed ${urls}/1`],
    ],
    ['all are others', redirect('x', 'y'), redirect('a', 'b'), [`changed ${urls}/0`, `changed ${urls}/1`]],
    ['the order differs', redirect('b', 'a'), redirect('a', 'b'), []],
    [
      'one event is another',
      events('x', 'b'),
      events('a', 'b'),
      [
        'removed /settings/event_subscriptions/user_events/0',
        'added /settings/event_subscriptions/user_events/-',
      ],
    ],
    [
      'one optional scope is another',
      optional('x'),
      optional('a'),
      ['removed /oauth_config/scopes/bot_optional/0', 'added /oauth_config/scopes/bot_optional/-'],
    ],
    [
      'a shortcut has another name',
      shortcuts({ callback_id: 'b', name: 'x' }, { callback_id: 'a' }),
      shortcuts({ callback_id: 'a' }, { callback_id: 'b', name: 'y' }),
      ['changed /features/shortcuts/0/name'],
    ],
    [
      'a shortcut is another',
      shortcuts({ callback_id: 'x', name: 'n' }),
      shortcuts({ callback_id: 'a', name: 'n' }),
      ['removed /features/shortcuts/0', 'added /features/shortcuts/-'],
    ],
    [
      'shortcuts lack their id',
      shortcuts({ name: 'x' }),
      shortcuts({ name: 'y' }),
      ['changed /features/shortcuts/0/name'],
    ],
    ['a shortcut is a string', shortcuts('x'), shortcuts('x', 'y'), ['added /features/shortcuts/-']],
  ])('if %s', (_name, actual, expected, differences) => {
    expect(diffManifests(actual, expected).map(short)).toEqual(differences);
  });

  it('has the item that is missing, and the one that is too many', () => {
    expect(diffManifests(redirect('x', 'y'), redirect('a', 'b', 'y'))).toMatchObject([
      { kind: 'changed', from: 'x', to: 'a' },
      { kind: 'added', to: 'b' },
    ]);
    expect(diffManifests(events('x'), events('a'))).toMatchObject([
      { kind: 'removed', from: 'x' },
      { kind: 'added', to: 'a' },
    ]);
  });
});

describe('a default means the same as a missing key', () => {
  it.each<[JsonValue]>([
    [{ $schema: 'a' }],
    [{ _metadata: {} }],
    [{ _metadata: { major_version: 1 } }],
    [{ _metadata: { minor_version: 3 } }],
    [{ settings: { is_hosted: false } }],
    [{ settings: {} }],
    [{ features: { shortcuts: [] } }],
    [{ features: { app_home: { home_tab_enabled: false, deeper: { still: [] } } } }],
  ])('%j', (manifest) => {
    expect(diffManifests(manifest, {})).toEqual([]);
    expect(diffManifests({}, manifest)).toEqual([]);
  });

  it.each<[JsonValue, string]>([
    [{ _metadata: { major_version: 2 } }, 'removed /_metadata'],
    [{ _metadata: 1 }, 'removed /_metadata'],
    [{ a: { $schema: 'a' } }, 'removed /a'],
    [{ a: { b: false, c: true } }, 'removed /a'],
    [{ a: 0 }, 'removed /a'],
    [{ a: '' }, 'removed /a'],
    [{ a: [false] }, 'removed /a'],
  ])('but not %j', (manifest, difference) => {
    expect(diffManifests(manifest, {}).map(short)).toEqual([difference]);
  });
});

describe('a section that is missing', () => {
  it.each(['features', 'oauth_config', 'settings'])('%s is reported key by key', (section) => {
    const found = diffManifests({}, { [section]: { a: 1, b: false, c: 2 } });
    expect(found.map(short)).toEqual([`added /${section}/a`, `added /${section}/c`]);
  });

  it.each([
    ['display_information', { display_information: { a: 1, c: 2 } }],
    ['features_of', { features_of: { a: 1, c: 2 } }],
    ['a/features', { 'a/features': { a: 1, c: 2 } }],
  ])('%s is reported as a whole', (section, expected) => {
    expect(diffManifests({}, expected).map(short)).toEqual([`added /${section.replace('/', '~1')}`]);
  });

  it('is removed as a whole', () => {
    expect(diffManifests({ settings: { a: 1, c: 2 } }, {}).map(short)).toEqual(['removed /settings']);
  });
});

describe('with Socket Mode in one of the two', () => {
  const on = { settings: { socket_mode_enabled: true } };
  const commands = (url: string) => ({
    settings: { is_hosted: true },
    features: { slash_commands: Array.from({ length: 11 }, (_, n) => ({ command: `/c${n}`, url })) },
  });
  const settings = (value: JsonValue) => ({ settings: value });

  it.each<[string, (url: string) => JsonValue]>([
    ['of any command', commands],
    ['of events', (url) => settings({ event_subscriptions: { request_url: url } })],
    ['of clicks', (url) => settings({ interactivity: { request_url: url } })],
    ['of menus', (url) => settings({ interactivity: { message_menu_options_url: url } })],
  ])('the URL %s does not matter', (_name, manifest) => {
    const difference = diffManifests(manifest('a'), manifest('b'));
    expect(difference).not.toEqual([]);
    const either = mergePatch(manifest('b'), on);
    expect(diffManifests(manifest('a'), either).map(short)).toEqual(['added /settings/socket_mode_enabled']);
    expect(diffManifests(either, manifest('a')).map(short)).toEqual([
      'removed /settings/socket_mode_enabled',
    ]);
  });

  it.each<[string, (text: string) => JsonValue]>([
    ['a redirect URL', (text) => ({ oauth_config: { redirect_urls: [text] } })],
    ['a URL with more behind', (text) => settings({ interactivity: { request_url: { deeper: text } } })],
    ['a URL of another place', (text) => settings({ interactivity: { request_url_of: text } })],
    ['a URL of another section', (text) => ({ a: { settings: { interactivity: { request_url: text } } } })],
  ])('%s matters', (_name, manifest) => {
    const both = (text: string) => mergePatch(manifest(text), on);
    expect(diffManifests(both('a'), both('b'))).toHaveLength(1);
  });
});

it.each([
  ['#ABCDEF', '#abcdef', 0],
  ['#ABCDEF', '#abcde0', 1],
])('the colours %s and %s differ: %d', (actual, expected, count) => {
  const colour = (text: string) => ({ display_information: { background_color: text } });
  expect(diffManifests(colour(actual), colour(expected))).toHaveLength(count);
  const name = (text: string) => ({ display_information: { name: text } });
  expect(diffManifests(name(actual), name(expected))).toHaveLength(1);
});

it('a colour of another type differs', () => {
  const colour = (value: JsonValue) => ({ display_information: { background_color: value } });
  expect(diffManifests(colour(1), colour('#abc')).map(short)).toEqual([
    'changed /display_information/background_color',
  ]);
  expect(diffManifests(colour('#abc'), colour(1)).map(short)).toEqual([
    'changed /display_information/background_color',
  ]);
});
