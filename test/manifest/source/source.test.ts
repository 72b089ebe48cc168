import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateFile } from '../../../src/manifest/validate.ts';
import { found, validateText } from '../documented.ts';

/** Findings with their places: line:column, severity, rule and pointer. */
async function placed(text: string | Uint8Array, name: string): Promise<string[]> {
  const file = typeof text === 'string' ? await validateText(text, name) : await validateBytes(text, name);
  return file.findings.map(({ severity, rule, pointer, line, column }) =>
    `${line}:${column} ${severity} ${rule} ${pointer}`.trimEnd(),
  );
}

function validateBytes(bytes: Uint8Array, name: string) {
  return validateFile(bytes, name, { lenient: false });
}

const json = 'manifest.json';
const yaml = 'manifest.yaml';

describe('a finding points at the value, at the object that lacks a key, or at an unknown or repeated key', () => {
  it.each<[string, string, string, string[]]>([
    [
      'a value',
      json,
      '{\n  "display_information": {\n    "name": 7\n  }\n}',
      ['3:13 error wrong-type /display_information/name'],
    ],
    [
      'a value on a line of its own',
      json,
      '{"display_information":\n  {"name":\n    7}}',
      ['3:5 error wrong-type /display_information/name'],
    ],
    [
      'an item',
      json,
      '{"display_information": {"name": "a"},\n "oauth_config": {"redirect_urls": ["https://a.example.com",\n  5]}}',
      ['3:3 error wrong-type /oauth_config/redirect_urls/1'],
    ],
    [
      'an object that lacks a key',
      json,
      '{\n  "display_information": {}\n}',
      ['2:26 error missing-key /display_information'],
    ],
    ['a manifest that lacks a key', json, '\n\n {}', ['3:2 error missing-key']],
    [
      'an unknown key',
      json,
      '{"display_information": {"name": "a"},\n  "icon" : 1}',
      ['2:3 error unknown-key /icon'],
    ],
    [
      'a repeated key',
      json,
      '{"display_information": {"name": "a",\n  "name": "b"}}',
      ['2:3 error duplicate-key /display_information/name'],
    ],
    [
      'a repeated section, of which the last counts',
      json,
      '{"display_information": {"name": 1},\n "display_information": {"name": 2}}',
      ['2:2 error duplicate-key /display_information', '2:34 error wrong-type /display_information/name'],
    ],
    [
      'behind tabs',
      json,
      '{\n\t"display_information": {\n\t\t"name": 7\n\t}\n}',
      ['3:11 error wrong-type /display_information/name'],
    ],
    [
      'with CR LF',
      json,
      '{\r\n  "display_information": {\r\n    "name": 7\r\n  }\r\n}\r\n',
      ['3:13 error wrong-type /display_information/name'],
    ],
    [
      'with CR alone',
      json,
      '{\r  "display_information": {\r    "name": 7}}',
      ['3:13 error wrong-type /display_information/name'],
    ],
    [
      'behind characters of two units',
      json,
      '{"display_information": {"description": "🚀🚀", "name": 7}}',
      ['1:57 error wrong-type /display_information/name'],
    ],
    [
      'after a byte-order mark',
      json,
      '\ufeff{"display_information": {"name": 7}}',
      ['1:1 warning byte-order-mark', '1:34 error wrong-type /display_information/name'],
    ],
    [
      'in the order of the file, not of the schema',
      json,
      '{"settings": 1, "features": 2, "display_information": 3}',
      [
        '1:14 error wrong-type /settings',
        '1:29 error wrong-type /features',
        '1:55 error wrong-type /display_information',
      ],
    ],
    [
      'a key written with escapes',
      json,
      '{"display_information": {"n\\u0061me": 7}}',
      ['1:39 error wrong-type /display_information/name'],
    ],
    [
      'YAML: a value',
      yaml,
      'display_information:\n  name: 7\n',
      ['2:9 error wrong-type /display_information/name'],
    ],
    [
      'YAML: a value on its own line',
      yaml,
      'display_information:\n  name:\n    7\n',
      ['3:5 error wrong-type /display_information/name'],
    ],
    [
      'YAML: an item',
      yaml,
      'display_information: {name: a}\noauth_config:\n  redirect_urls:\n    - https://a.example.com\n    - 5\n',
      ['5:7 error wrong-type /oauth_config/redirect_urls/1'],
    ],
    [
      'YAML: an object that lacks a key',
      yaml,
      '# a manifest\nfeatures:\n  bot_user:\n    always_online: true\noauth_config: {scopes: {bot: [chat:write]}}\ndisplay_information: {name: a}\n',
      ['4:5 error missing-key /features/bot_user'],
    ],
    [
      'YAML: an empty value',
      yaml,
      'display_information:\n  name:\n  description: a\n',
      ['2:8 error wrong-type /display_information/name'],
    ],
    [
      'YAML: an unknown key',
      yaml,
      'display_information:\n  name: a\n"icon": 1\n',
      ['3:1 error unknown-key /icon'],
    ],
    [
      'YAML: a repeated key',
      yaml,
      'display_information:\n  name: a\n  name: b\n',
      ['3:3 error duplicate-key /display_information/name'],
    ],
    [
      'YAML: with CR LF',
      yaml,
      'display_information:\r\n  name: 7\r\n',
      ['2:9 error wrong-type /display_information/name'],
    ],
    [
      'YAML: after a byte-order mark',
      yaml,
      '\ufeffdisplay_information:\n  name: 7\n',
      ['1:1 warning byte-order-mark', '2:9 error wrong-type /display_information/name'],
    ],
    [
      'YAML: after its start mark',
      yaml,
      '---\ndisplay_information:\n  name: 7\n...\n',
      ['3:9 error wrong-type /display_information/name'],
    ],
    [
      'YAML: a flow mapping',
      yaml,
      '{display_information: {name: 7}}',
      ['1:30 error wrong-type /display_information/name'],
    ],
    [
      'YAML: a folded string',
      yaml,
      `display_information:\n  name: a\n  description: >-\n    ${'x'.repeat(141)}\n`,
      ['3:16 error too-long /display_information/description'],
    ],
    [
      'YAML: a boolean of YAML 1.1',
      yaml,
      'display_information: {name: a}\nsettings:\n  socket_mode_enabled: no\n',
      ['3:24 warning yaml-boolean /settings/socket_mode_enabled'],
    ],
    [
      'YAML: a boolean of YAML 1.1 that turns Socket Mode on, so that no URL is needed',
      yaml,
      'display_information: {name: a}\noauth_config: {scopes: {bot: [app_mentions:read]}}\nfeatures: {bot_user: {display_name: a}}\nsettings:\n  socket_mode_enabled: Yes\n  interactivity: {is_enabled: on}\n  event_subscriptions: {bot_events: [app_mention]}\n',
      [
        '5:24 warning yaml-boolean /settings/socket_mode_enabled',
        '6:31 warning yaml-boolean /settings/interactivity/is_enabled',
      ],
    ],
    [
      'YAML: a boolean of YAML 1.1 that turns interactivity on, which needs a URL',
      yaml,
      'display_information: {name: a}\nsettings:\n  socket_mode_enabled: off\n  interactivity:\n    is_enabled: y\n',
      [
        '3:24 warning yaml-boolean /settings/socket_mode_enabled',
        '5:5 error interactivity-needs-delivery /settings/interactivity',
        '5:17 warning yaml-boolean /settings/interactivity/is_enabled',
      ],
    ],
    [
      'YAML: a boolean of YAML 1.1 in quotes, which is a string to every reader',
      yaml,
      'display_information: {name: a}\nsettings:\n  socket_mode_enabled: "yes"\n',
      ['3:24 error wrong-type /settings/socket_mode_enabled'],
    ],
    [
      'YAML: a boolean of YAML 1.1 that is merged, and one by an alias',
      yaml,
      'display_information: {name: a}\nsettings:\n  <<: {org_deploy_enabled: &y yes}\n  token_rotation_enabled: *y\n',
      [
        '3:31 warning yaml-boolean /settings/org_deploy_enabled',
        '4:27 warning yaml-alias /settings/token_rotation_enabled',
        '4:27 warning yaml-boolean /settings/token_rotation_enabled',
      ],
    ],
    [
      'YAML: an alias, and what it stands for',
      yaml,
      'display_information: {name: &n 7}\nfeatures:\n  bot_user: {display_name: *n}\noauth_config: {scopes: {bot: [chat:write]}}\n',
      [
        '1:32 error wrong-type /display_information/name',
        '3:28 warning yaml-alias /features/bot_user/display_name',
        '3:28 error wrong-type /features/bot_user/display_name',
      ],
    ],
    [
      'YAML: a merged object',
      yaml,
      'settings: &s {socket_mode_enabled: true}\ndisplay_information: {name: a}\nfeatures:\n  app_home:\n    <<: *s\n',
      [
        '1:15 error unknown-key /features/app_home/socket_mode_enabled',
        '5:9 warning yaml-alias /features/app_home/<<',
      ],
    ],
    [
      'YAML: a tag',
      yaml,
      'display_information:\n  name: !secret a\n',
      ['2:17 warning yaml-tag /display_information/name'],
    ],
    [
      'YAML: core tags',
      yaml,
      'display_information: !!map\n  name: !!str 2024\n  description: &d !!str a\n',
      [
        '2:3 warning yaml-tag /display_information',
        '2:15 warning yaml-tag /display_information/name',
        '3:25 warning yaml-tag /display_information/description',
      ],
    ],
    [
      'YAML: a tag of a key and of an item',
      yaml,
      'display_information: {!!str name: a}\noauth_config: {redirect_urls: [!!str "https://a.example.com"]}\n',
      [
        '1:29 warning yaml-tag /display_information/name',
        '2:38 warning yaml-tag /oauth_config/redirect_urls/0',
      ],
    ],
    [
      'YAML: a version',
      yaml,
      '# a manifest\n%YAML 1.1\n---\ndisplay_information: {name: a}\n',
      ['2:1 warning yaml-tag'],
    ],
    [
      'YAML: directives',
      yaml,
      '%TAG !e! tag:example.com,2026:\n%FOO a\n---\ndisplay_information: {name: !e!x a}\n',
      ['1:1 warning yaml-tag', '2:1 warning yaml-tag', '4:34 warning yaml-tag /display_information/name'],
    ],
    [
      'YAML: a merged object under version 1.1',
      yaml,
      '%YAML 1.1\n---\ndisplay_information: {name: a}\nsettings:\n  <<: {org_deploy_enabled: true}\n',
      ['1:1 warning yaml-tag'],
    ],
  ])('points at %s', async (_name, file, text, expected) => {
    expect(await placed(text, file)).toEqual(expected);
  });
});

describe('a file that cannot be read has one finding, at the place', () => {
  it.each<[string, string, string | Uint8Array, string]>([
    ['an empty file', json, '', '1:1 error syntax'],
    ['white space', json, ' \n ', '1:1 error syntax'],
    ['an empty YAML file', yaml, '', '1:1 error syntax'],
    ['a trailing comma in an object', json, '{"a": 1,\n}', '1:8 error syntax'],
    ['a trailing comma in an array', json, '{"a": [1,2,\n  ]}', '1:11 error syntax'],
    ['a comment in front', json, '// a\n{"a": 1}', '1:1 error syntax'],
    ['a comment inside', json, '{\n  /* a */ "a": 1}', '2:3 error syntax'],
    ['single quotes', json, "{'a': 1}", '1:2 error syntax'],
    ['typographic quotes', json, '{“a”: 1}', '1:2 error syntax'],
    ['a bare key', json, '{a: 1}', '1:2 error syntax'],
    ['a missing comma', json, '{"a": 1\n "b": 2}', '2:2 error syntax'],
    ['a missing colon', json, '{"a" 1}', '1:6 error syntax'],
    ['a text like an error of the parser', json, '[x, "at position 9"]', '1:2 error syntax'],
    ['a line break in a string', json, '{"a": "b\nc"}', '1:9 error syntax'],
    ['a wrong escape', json, '{"a": "\\x"}', '1:9 error syntax'],
    ['an object that is cut off', json, '{"display_information": {"name": "a"', '1:37 error syntax'],
    ['a string that is cut off', json, '{"display_information": {"name": "a', '1:36 error syntax'],
    ['an end after a colon', json, '{"a":\n', '2:1 error syntax'],
    ['an end after a comma', json, '{"a": 1,', '1:9 error syntax'],
    ['an end in an array', json, '{"a": [1', '1:9 error syntax'],
    ['a literal that is cut off', json, '{"a": tru', '1:10 error syntax'],
    ['two values', json, '{"a": 1}\n{"b": 2}', '2:1 error syntax'],
    ['NaN', json, '{"a": NaN}', '1:7 error syntax'],
    ['an object without its braces', json, '"display_information":\n {"name":"X"}', '1:22 error syntax'],
    ['YAML named as JSON', 'MANIFEST.JSON', 'display_information: {name: a}', '1:1 error syntax'],
    ['a merge conflict', json, '<<<<<<< HEAD\n{"a": 1}\n=======\n{"a": 2}\n>>>>>>> b\n', '1:1 error syntax'],
    ['a merge conflict inside', json, '{\n<<<<<<< HEAD\n"a": 1\n=======\n', '2:1 error syntax'],
    [
      'a merge conflict in YAML',
      yaml,
      'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> b\n',
      '2:1 error syntax',
    ],
    ['a form feed between tokens', json, '{\f"a": 1}', '1:2 error syntax'],
    ['a NUL byte', json, '{"a": "\u0000"}', '1:8 error encoding'],
    ['a NUL byte in YAML', yaml, 'a:\n  b\u0000', '2:4 error encoding'],
    ['UTF-16', json, Buffer.from('\ufeff{"a": 1}', 'utf16le'), '1:4 error encoding'],
    ['a byte of Latin 1', json, Buffer.from('{"a": "\xe4"}', 'latin1'), '1:8 error encoding'],
    [
      'a byte of Latin 1 after a byte-order mark',
      json,
      Buffer.concat([Buffer.from('\ufeff'), Buffer.from('{"a": "\xe4"}', 'latin1')]),
      '1:8 error encoding',
    ],
    ['too many brackets', json, `{"a":\n${'['.repeat(100)}`, '2:64 error too-deep'],
    ['a file that is too large', json, ' '.repeat(128 * 1024 + 1), '1:1 error too-large'],
    ['a tab for indentation', yaml, 'a:\n\tb: 1\n', '2:1 error syntax'],
    ['an unclosed quote', yaml, 'a: "b\n', '2:1 error syntax'],
    ['an unclosed array', yaml, 'a: [b\n', '2:1 error syntax'],
    ['wrong indentation', yaml, 'a:\n    b: 1\n  c: 2\n', '3:1 error syntax'],
    ['two documents', yaml, 'a: 1\n---\nb: 2\n', '3:1 error syntax'],
    ['an unknown alias', yaml, 'a: *b\n', '1:4 error syntax'],
    ['an alias before its anchor', yaml, 'a: *b\nc: &b 1\n', '1:4 error syntax'],
    ['an alias in itself', yaml, 'a: &b\n  c: *b\n', '2:6 error syntax'],
    ['a key that is an array', yaml, '? [a]\n: b\n', '1:3 error syntax'],
    ['too many levels', yaml, `a: ${'['.repeat(100)}${']'.repeat(100)}`, '1:67 error too-deep'],
  ])('points at %s', async (_name, file, text, expected) => {
    expect(await placed(text, file)).toEqual([expected]);
  });
});

describe('YAML and JSON are read alike', () => {
  it.each<[string, string]>([
    ['JSON in a YAML file', '{"display_information": {"name": "a"},}'],
    ['comments', '# one\ndisplay_information: # two\n  name: a\n'],
    [
      'a merge key whose values are overridden',
      '_metadata: &m {major_version: 1}\ndisplay_information: {name: a}\nsettings:\n  <<: {org_deploy_enabled: 1}\n  org_deploy_enabled: true\n',
    ],
    ['a string that looks like a time', 'display_information:\n  name: 2026-01-01\n'],
    ['a block string', 'display_information:\n  name: >-\n    Space\n    lift\n'],
  ])('accepts %s', async (_name, text) => {
    expect(found(await validateText(text, yaml))).toEqual([]);
  });
});

it.each([
  [json, '{\n<<<<<<< HEAD\n"a": 1\n'],
  [json, '<<<<<<< HEAD\n{}\n'],
  [yaml, 'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> b\n'],
])('names a merge conflict in %s', async (name, text) => {
  const { findings } = await validateText(text, name);
  expect(findings.map(({ message }) => message)).toEqual(['a merge conflict begins here']);
});

it('says how to name YAML that is named as JSON', async () => {
  const { findings } = await validateText('display_information: {name: a}', json);
  expect(findings.map(({ hint }) => hint)).toEqual([
    'Begin JSON with a brace; give a YAML file a name that ends in .yaml.',
  ]);
});

it.each([
  [json, '{\n\u00a0\u00a0"display_information": {}}', 'Replace it with a plain space.'],
  [json, '{"display_information":\u3000{}}', 'Replace it with a plain space.'],
  [
    yaml,
    'display_information: {name: a}\n\u00a0 settings: {}\n',
    'Remove the space around it, perhaps a no-break space.',
  ],
])('%s: names a space that the reader does not allow', async (name, text, hint) => {
  const { findings } = await validateText(text, name);
  expect(findings.map((finding) => finding.hint)).toEqual([hint]);
});

it('says that a colour without quotes is a comment', async () => {
  const { findings } = await validateText(
    'display_information:\n  name: a\n  background_color: #131417\n',
    yaml,
  );
  expect(findings.map(({ hint, line }) => [line, hint])).toEqual([
    [3, 'Write a string. Quote it if it begins with #: otherwise it is a comment.'],
  ]);
});

it.each<[string, string]>([
  ['name: {{ name }}', '{{ name }}'],
  ['url: {{ domain }}/webhooks/slack', '{{ domain }}'],
  ['list:\n  - {{- .Values.domain }}', '{{- .Values.domain }}'],
  ['url: {% if public %}a{% endif %}', '{% if public %}'],
  ['url: %HOST%/slack', '%HOST%'],
  ['url: @host@/slack', '@host@'],
  ['url: [your-domain]/slack', '[your-domain]'],
])('says to quote the placeholder in %s', async (text, placeholder) => {
  const { findings } = await validateText(`display_information:\n  description: a\n${text}\n`, yaml);
  expect(findings).toMatchObject([
    {
      rule: 'syntax',
      line: text.split('\n').length + 2,
      message: `the placeholder ${placeholder} is not in quotes`,
      hint: 'Put the whole value in quotes, or fill in the template first.',
    },
  ]);
});

it('finds a repeated key behind any other key, and none where no key is repeated', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), async (others) => {
      const once = { ...others, 'twice:"': 1 };
      const text = JSON.stringify(once);
      const repeated = `${text.slice(0, -1)},"twice:\\""${' '.repeat(3)}:2}`;
      const rules = async (source: string) =>
        (await validateText(source, json)).findings.map(({ rule }) => rule);
      expect(await rules(text)).not.toContain('duplicate-key');
      expect(await rules(repeated)).toContain('duplicate-key');
    }),
  );
});
