import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/json-value.ts';
import { ManifestView } from '../../src/manifest/manifest-view.ts';

const at = '/settings/socket_mode_enabled';
const scopes = '/oauth_config/scopes/bot';

/** The methods of a manifest that are true of a place. */
function facts(value: JsonValue, pointer: string): string[] {
  const view = new ManifestView(value);
  const all = ['has', 'lacks', 'isTrue', 'isFalse', 'isOff', 'isEmpty'] as const;
  return all.filter((fact) => view[fact](pointer));
}

describe('a place', () => {
  it.each<[string, JsonValue, readonly string[]]>([
    ['nothing', {}, ['lacks', 'isOff', 'isEmpty']],
    ['a section without it', { settings: {} }, ['lacks', 'isOff', 'isEmpty']],
    ['true', { settings: { socket_mode_enabled: true } }, ['has', 'isTrue']],
    ['false', { settings: { socket_mode_enabled: false } }, ['has', 'isFalse', 'isOff']],
    ['null', { settings: { socket_mode_enabled: null } }, ['has']],
    ['a string', { settings: { socket_mode_enabled: 'true' } }, ['has']],
    ['an empty array', { settings: { socket_mode_enabled: [] } }, ['has', 'isEmpty']],
    ['an array', { settings: { socket_mode_enabled: [1] } }, ['has']],
    ['a section that is a string', { settings: 'none' }, []],
    ['a section that is null', { settings: null }, []],
    ['no manifest', 'text', []],
  ])('with %s: %j is %j', (_name, value, expected) => {
    expect(facts(value, at)).toEqual(expected);
  });

  it('of a word of YAML 1.1 is what the word means', () => {
    const view = new ManifestView({ settings: { socket_mode_enabled: 'no' } }, new Map([[at, false]]));
    expect([view.isFalse(at), view.isTrue(at), view.isOff(at)]).toEqual([true, false, true]);
  });
});

it('knows objects and strings, but no empty strings', () => {
  const view = new ManifestView({ a: { b: 'c', d: '', e: 1 }, f: [{ g: 1 }] });
  expect(view.object('/a')).toEqual({ b: 'c', d: '', e: 1 });
  expect([view.object('/f'), view.object('/a/b'), view.object('/z')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(view.text('/a/b')).toEqual({ text: 'c', pointer: '/a/b' });
  expect([view.text('/a/d'), view.text('/a/e'), view.text('/z')]).toEqual([undefined, undefined, undefined]);
});

it('knows the items of an array with their places', () => {
  const view = new ManifestView({ list: ['a', '', 1, 'b'], text: 'a' });
  expect(view.items('/list').map(({ pointer, value }) => [pointer, value])).toEqual([
    ['/list/0', 'a'],
    ['/list/1', ''],
    ['/list/2', 1],
    ['/list/3', 'b'],
  ]);
  expect(view.texts('/list')).toEqual([
    { text: 'a', pointer: '/list/0' },
    { text: 'b', pointer: '/list/3' },
  ]);
  expect([view.items('/text'), view.items('/none')]).toEqual([[], []]);
});

it.each<[string, JsonValue, boolean]>([
  ['an array without it', { oauth_config: { scopes: { bot: ['a'] } } }, true],
  ['an empty array', { oauth_config: { scopes: { bot: [] } } }, true],
  ['no array', { oauth_config: {} }, true],
  ['an array with it', { oauth_config: { scopes: { bot: ['a', 'commands'] } } }, false],
  [
    'an array with an item of another type',
    { oauth_config: { scopes: { bot: ['a', { commands: 1 }] } } },
    false,
  ],
  ['a string', { oauth_config: { scopes: { bot: 'a' } } }, false],
  ['a section of another type', { oauth_config: 'a' }, false],
])('a scope may be missing, with %s: %j, %s', (_name, value, expected) => {
  const view = new ManifestView(value);
  expect(view.lacksScope('bot', 'commands')).toBe(expected);
  expect(view.lacksItem(scopes, 'commands')).toBe(expected);
  expect(view.lacksItem(scopes, 'commands')).toBe(expected);
});

it('knows the scopes of each list', () => {
  const view = new ManifestView({ oauth_config: { scopes: { bot: ['a'], user_optional: ['b'] } } });
  expect(view.scopes('bot')).toEqual([{ text: 'a', pointer: '/oauth_config/scopes/bot/0' }]);
  expect(view.scopes('user_optional')).toEqual([
    { text: 'b', pointer: '/oauth_config/scopes/user_optional/0' },
  ]);
  expect(view.scopes('user')).toEqual([]);
});

it.each<[JsonValue, boolean]>([
  [{}, true],
  [{ settings: { socket_mode_enabled: false, is_hosted: false } }, true],
  [{ settings: { socket_mode_enabled: true } }, false],
  [{ settings: { socket_mode_enabled: 'true' } }, false],
  [{ settings: { is_hosted: true } }, false],
  [{ settings: { function_runtime: 'slack' } }, false],
  [{ settings: { function_runtime: 'remote' } }, true],
  [{ settings: { function_runtime: 1 } }, false],
  [{ settings: 'none' }, false],
])('an app with %j needs URLs: %s', (value, expected) => {
  expect(new ManifestView(value).needsUrls).toBe(expected);
});
