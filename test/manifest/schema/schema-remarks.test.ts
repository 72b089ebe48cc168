import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json-value.ts';
import { inspectManifest } from '../../../src/manifest/inspect.ts';
import { schemaRemarks } from '../../../src/manifest/schema/schema-remarks.ts';
import {
  all,
  clicks,
  command,
  events,
  type Mutation,
  numbered,
  ordinaryManifest,
  scopes,
  set,
  shortcut,
  x,
} from '../mutation.ts';

const name = '/display_information/name';
const options = { lenient: false, format: 'json' } as const;

async function remarks(mutate: Mutation, format: 'json' | 'yaml' = 'json', isQuoted = () => false) {
  return await inspectManifest(mutate(await ordinaryManifest()), { lenient: false, format, isQuoted });
}

describe("a departure from Slack's schema", () => {
  it.each<[string, string, string, string, Mutation]>([
    [
      'missing-key',
      '',
      'the key display_information is missing',
      'Add display_information: how the app presents itself.',
      () => ({}),
    ],
    [
      'missing-key',
      '/display_information',
      'the key name is missing',
      "Add name: the app's name.",
      set('/display_information', {}),
    ],
    [
      'missing-key',
      command,
      'the key command is missing',
      'Add command: the command with its leading slash.',
      set(command, { description: 'x', url: 'https://a.example.com/' }),
    ],
    [
      'wrong-type',
      '',
      'expected an object, got an array',
      'Pass a manifest: an object with display_information.',
      () => [],
    ],
    [
      'wrong-type',
      '',
      'expected an object, got null',
      'Pass a manifest: an object with display_information.',
      () => null,
    ],
    [
      'wrong-type',
      '/settings',
      'expected an object, got a string',
      'Write an object.',
      set('/settings', 'none'),
    ],
    [
      'wrong-type',
      '/features/shortcuts',
      'expected an array, got an object',
      'Write an array.',
      set('/features/shortcuts', {}),
    ],
    ['wrong-type', name, 'expected a string, got a boolean', 'Write a string.', set(name, true)],
    [
      'wrong-type',
      '/_metadata/major_version',
      'expected an integer, got a number',
      'Write an integer.',
      set('/_metadata', { major_version: 1.5 }),
    ],
    [
      'wrong-type',
      `${clicks}/is_enabled`,
      'expected a boolean, got a string',
      'Write a boolean.',
      set(`${clicks}/is_enabled`, 'yes'),
    ],
    [
      'not-allowed-value',
      '/_metadata/major_version',
      '3 is not one of the allowed values',
      'Use 1 or 2.',
      set('/_metadata', { major_version: 3 }),
    ],
    [
      'not-allowed-value',
      '/features/shortcuts/0/type',
      '"mesage" is not one of the allowed values',
      'Did you mean message?',
      set('/features/shortcuts', [{ ...shortcut, type: 'mesage' }]),
    ],
    [
      'not-allowed-value',
      '/features/shortcuts/0/type',
      '"menu" is not one of the allowed values',
      'Use message or global.',
      set('/features/shortcuts', [{ ...shortcut, type: 'menu' }]),
    ],
    ['too-short', name, 'the string is empty', 'Write a value, or remove the key.', set(name, '')],
    [
      'too-short',
      `${command}/command`,
      'too short: 1 characters, minimum 2',
      'Lengthen it, or remove the key.',
      set(`${command}/command`, '/'),
    ],
    ['too-long', name, 'too long: 36 characters, maximum 35', 'Shorten it.', set(name, x(36))],
    ['too-long', name, 'too long: 36 characters, maximum 35', 'Shorten it.', set(name, '🚀'.repeat(36))],
    [
      'too-few-items',
      '/features/slash_commands',
      'the array is empty',
      'Remove the key: Slack rejects an empty array here.',
      set('/features/slash_commands', []),
    ],
    [
      'too-many-items',
      '/features/unfurl_domains',
      'too many items: 6, maximum 5',
      'Remove some.',
      set('/features/unfurl_domains', numbered(6, 'a.example')),
    ],
    [
      'repeated-item',
      '/features/unfurl_domains/1',
      '"a.com" is listed twice',
      'Remove the repetition.',
      set('/features/unfurl_domains', ['a.com', 'a.com', 'b.com']),
    ],
    [
      'background-color',
      '/display_information/background_color',
      '"blue" is not a colour that Slack accepts',
      'Write #rgb or #rrggbb, for example "#131417".',
      set('/display_information/background_color', 'blue'),
    ],
    [
      'command-name',
      `${command}/command`,
      '"spacelift" does not begin with a slash',
      'Write "/spacelift".',
      set(`${command}/command`, 'spacelift'),
    ],
    [
      'unfurl-domain',
      '/features/unfurl_domains/0',
      '"A.com" is not a plain domain',
      'Write the domain in lower case, without scheme, path or port.',
      set('/features/unfurl_domains', ['A.com']),
    ],
    [
      'outgoing-domain',
      '/outgoing_domains/0',
      '"a.com:1" is not a plain domain',
      'Write the domain without scheme, path or port.',
      set('/outgoing_domains', ['a.com:1']),
    ],
    [
      'ip-range',
      '/settings/allowed_ip_address_ranges/0',
      '"8.8.8.256" is not an IPv4 address or CIDR range',
      'Write four numbers from 0 to 255, and for a range a slash and its length.',
      set('/settings/allowed_ip_address_ranges', ['8.8.8.256']),
    ],
    [
      'url-invalid',
      '/settings/siws_links/initiate_uri',
      '"example.com" is not a web URL',
      'Write it in full, beginning with https://.',
      set('/settings/siws_links', { initiate_uri: 'example.com' }),
    ],
    [
      'unlisted-key',
      '/settings/app_type',
      'Slack documents or exports app_type, but its published schema lacks it',
      'Keep it, unless Slack rejects the manifest because of it.',
      set('/settings/app_type', 'remote'),
    ],
    [
      'unknown-key',
      '/icon',
      'the key "icon" is unknown here',
      expect.stringMatching(
        /^Remove it\. Known here: \$schema, _metadata, display_information, .*, compliance\.$/,
      ),
      set('/icon', 1),
    ],
  ])('is reported as %s at %s: %s. %s', async (rule, pointer, message, hint, mutate) => {
    expect(await remarks(mutate)).toMatchObject([{ rule, pointer, message, hint }]);
  });

  it.each<[string, string | undefined, Mutation]>([
    ['the file, if it is no object', 'file', () => []],
    ['the key, if Slack does not know it', 'key', set('/icon', 1)],
    ['the key, if the published schema lacks it', 'key', set('/settings/app_type', 'remote')],
    ['the value, if its type is wrong', undefined, set(name, 1)],
    ['the value, if it is too long', undefined, set(name, x(36))],
  ])('points at %s', async (_what, at, mutate) => {
    expect((await remarks(mutate)).map((remark) => remark.at)).toEqual([at]);
  });

  it('is a bug of this program if nothing words it', () => {
    const error = { keyword: 'format', instancePath: '', params: {} };
    expect(() => schemaRemarks([error], {}, options)).toThrow(
      'the schema uses the keyword format, for which there is no wording',
    );
  });
});

describe('a URL that Slack calls', () => {
  const url = `${command}/url`;
  const socketMode = set('/settings/socket_mode_enabled', true);
  const on = (mutate: Mutation) => all(socketMode, mutate);

  it.each<[string, JsonValue, readonly string[]]>([
    ['is too long', `https://a.example.com/${x(3500)}`, ['too-long']],
    ['is empty', '', ['too-short']],
    ['has no scheme, which the rules for URLs report', 'a.example.com', ['url-invalid']],
    ['is a number', 1, ['wrong-type']],
  ])('is reported if it %s', async (_what, value, rules) => {
    for (const pointer of [url, `${events}/request_url`, `${clicks}/request_url`]) {
      expect((await remarks(set(pointer, value))).map(({ rule }) => rule)).toEqual(rules);
    }
  });

  it.each<[string, JsonValue, readonly string[]]>([
    ['is too long', `https://a.example.com/${x(3000)}`, []],
    ['is empty', '', []],
    ['is a number, which is wrong wherever it is', 1, ['wrong-type']],
  ])('is with Socket Mode reported only by its type, if it %s', async (_what, value, rules) => {
    expect((await remarks(on(set(url, value)))).map(({ rule }) => rule)).toEqual(rules);
  });

  it('is not what Socket Mode is about in other places', async () => {
    const colour = '/display_information/background_color';
    expect(await remarks(on(set(name, '')))).toMatchObject([{ rule: 'too-short', pointer: name }]);
    expect(await remarks(on(set(colour, 'blue')))).toMatchObject([{ rule: 'background-color' }]);
  });
});

describe('a word that YAML 1.1 reads as a boolean', () => {
  const place = '/settings/org_deploy_enabled';

  it.each([
    ['yes', true],
    ['On', true],
    ['Y', true],
    ['no', false],
    ['OFF', false],
    ['n', false],
  ])('%s is worded as %s', async (word, meant) => {
    expect(await remarks(set(place, word), 'yaml')).toMatchObject([
      {
        rule: 'yaml-boolean',
        pointer: place,
        message: `${word} is a string in YAML 1.2, and a boolean only in YAML 1.1`,
        hint: `Write ${meant}.`,
      },
    ]);
  });

  it.each<[string, Mutation, 'json' | 'yaml', boolean]>([
    ['another word', set(place, 'yess'), 'yaml', false],
    ['a longer word', set(place, 'anon'), 'yaml', false],
    ['a word with more in front', set(place, 'kno'), 'yaml', false],
    ['a word with more behind', set(place, 'offline'), 'yaml', false],
    ['a word in quotes', set(place, 'yes'), 'yaml', true],
    ['a word in JSON', set(place, 'yes'), 'json', false],
    ['a number', set(place, 1), 'yaml', false],
    ['a word in an array', set(place, ['yes']), 'yaml', false],
    ['a place of an object', set('/settings/interactivity', 'no'), 'yaml', false],
  ])('is not %s', async (_what, mutate, format, quoted) => {
    expect((await remarks(mutate, format, () => quoted)).map(({ rule }) => rule)).toEqual(['wrong-type']);
  });

  it.each([
    ['yes', ['yaml-boolean']],
    ['no', ['yaml-boolean', 'url-not-public']],
  ])('means what it says to the rules: %s', async (word, rules) => {
    const local = set(`${clicks}/request_url`, 'https://localhost/');
    const found = await remarks(all(local, set('/settings/socket_mode_enabled', word)), 'yaml');
    expect(found.map(({ rule }) => rule)).toEqual(rules);
  });
});

describe('a value of the wrong type in YAML', () => {
  it.each<[string, JsonValue, string, string]>([
    [
      'null, where a string is expected',
      null,
      name,
      'Write a string. Quote it if it begins with #: otherwise it is a comment.',
    ],
    ['a number, where a string is expected', 7, name, 'Write a string. Quote it if it is meant as a string.'],
    ['a number, where an object is expected', 7, scopes, 'Write an object.'],
  ])('may lack its quotes: %s', async (_what, value, pointer, hint) => {
    expect(await remarks(set(pointer, value), 'yaml')).toMatchObject([{ rule: 'wrong-type', pointer, hint }]);
  });
});
