import { readFile } from 'node:fs/promises';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/json-value.ts';
import { validateAsGithub } from '../../../src/manifest/report/validate-github.ts';
import { validateAsJson } from '../../../src/manifest/report/validate-json.ts';
import { validateAsSarif } from '../../../src/manifest/report/validate-sarif.ts';
import { validateAsText } from '../../../src/manifest/report/validate-text.ts';
import { findRule } from '../../../src/manifest/rules/catalogue.ts';
import { type ValidatedFile, validateFile } from '../../../src/manifest/validate.ts';
import { visible } from '../../../src/text/visible.ts';
import { validateText } from '../documented.ts';

const plain = new Chalk({ level: 0 });
const text = (files: readonly ValidatedFile[]) => validateAsText(files, plain);

/** Files of each kind: valid ones, findings of each severity, texts that cannot be read, odd names. */
const files = await Promise.all([
  validateText('{"display_information": {"name": "a"}}', 'sound.json'),
  validateText(
    '{\n  "display_information": {"nme": "a"},\n  "settings": {"socket_mode_enabled": 1}\n}',
    'broken.json',
  ),
  validateText(
    'display_information: {name: a}\nfeatures: {bot_user: {display_name: é}}\noauth_config: {scopes: {bot: [commands]}}\n',
    'folder/warned.yaml',
  ),
  validateText('', 'empty.yaml'),
  validateText('{"a": ', 'a b:c,d%ä.json'),
  validateText('[', '/tmp/absolute.json'),
]);

describe('text', () => {
  it('shows the place, the line with a caret, and what to do', async () => {
    const file = await validateText('{\n  "display_information": {\n    "name": 7\n  }\n}\n', 'a.json');
    expect(text([file])).toBe(
      [
        'a.json:3:13 error expected a string, got a number [wrong-type]',
        '  3 |     "name": 7',
        '    |             ^',
        '  Write a string.',
        '',
        '1 file, 1 error, 0 warnings',
        'More about a rule:  spacelift-slack explain wrong-type',
        '',
      ].join('\n'),
    );
  });

  it('names the rule of an error where another file has a warning before it', async () => {
    const warned = await validateText(
      'display_information: {name: a}\nsettings: {interactivity: {is_enabled: true, request_url: https://a.internal/slack}}\n',
      'a.yaml',
    );
    expect(warned.findings.map(({ severity }) => severity)).toEqual(['warning']);
    const broken = await validateText('{"display_information": {"name": 7}}', 'b.json');
    expect(text([warned, broken])).toMatch(/explain wrong-type\n$/);
  });

  it('shows equal findings in several places once, at the first', async () => {
    const url = 'https://<your-domain>/slack';
    const file = await validateText(
      JSON.stringify(
        {
          display_information: { name: 'a' },
          settings: {
            event_subscriptions: { request_url: url },
            interactivity: { is_enabled: true, request_url: url, message_menu_options_url: url },
          },
        },
        null,
        2,
      ),
      'a.json',
    );
    expect(file.findings).toHaveLength(3);
    expect(text([file])).toBe(
      [
        'a.json:7:22 error the URL still has the placeholder <your-domain> [url-placeholder]',
        '  7 |       "request_url": "https://<your-domain>/slack"',
        '    |                      ^',
        '  Also at 11:22, 12:35.',
        '  Replace it with the real value.',
        '',
        '1 file, 3 errors, 0 warnings',
        'More about a rule:  spacelift-slack explain url-placeholder',
        '',
      ].join('\n'),
    );
  });

  it('counts the places of one finding beyond ten', async () => {
    const manifest = {
      display_information: { name: 'a' },
      oauth_config: { redirect_urls: Array.from({ length: 15 }, (_, n) => `http://localhost:${3000 + n}/`) },
    };
    const report = text([await validateText(JSON.stringify(manifest), 'a.json')]);
    expect(report.match(/^ {2}Also at (?:1:\d+, ){9}1:\d+ and 4 more places\.$/m)).not.toBeNull();
    expect(report).toContain('1 file, 0 errors, 15 warnings');
  });

  it('is one line if nothing is found', async () => {
    const file = await validateText('{"display_information": {"name": "a"}}', 'a.json');
    expect(text([file])).toBe('a.json: valid\n');
    expect(text([file, file])).toBe('a.json: valid\na.json: valid\n\n2 files, 0 errors, 0 warnings\n');
  });

  /** What is at the caret on a terminal, where some characters take two columns, and some none. */
  function atCaret(report: string): string {
    const [, source = '', caret = ''] = report.split('\n');
    let column = 0;
    for (const { 0: character, index } of source.matchAll(/./gsu)) {
      if (column === caret.indexOf('^')) return source.slice(index);
      if (/[\u3000-\u9fff]|\p{Emoji_Presentation}/u.test(character)) column += 2;
      else if (!/\p{Mn}/u.test(character)) column += 1;
    }
    return '';
  }

  it.each<[string, string]>([
    ['tabs', '{\t"display_information":\t{"name":\t7}}'],
    ['wide characters', '{"display_information": {"description": "日本語の説明文", "name": 7}}'],
    ['emoji', '{"display_information": {"description": "🚀🚀🚀", "name": 7}}'],
    ['combining characters', '{"display_information": {"description": "e\u0301e\u0301", "name": 7}}'],
    ['a long line in front', `{"display_information": {"description": "${'x'.repeat(130)}", "name": 7}}`],
    [
      'a long line of wide characters in front',
      `{"display_information": {"description": "${'日'.repeat(130)}", "name": 7}}`,
    ],
    ['a long line behind', `{"display_information": {"name": 7, "long_description": "${'日'.repeat(200)}"}}`],
    ['control characters', '{"display_information": {"description": "\u007f\u009b31m\u202e", "name": 7}}'],
  ])('puts the caret under the place in spite of %s', async (_name, json) => {
    const report = text([await validateText(json, 'a.json')]);
    expect(atCaret(report)).toMatch(/^7[,}]/);
    expect(report.split('\n')[1]?.length).toBeLessThanOrEqual(110);
  });

  it('shows no control character of a file, a name or a key', async () => {
    const evil = '\u001b]0;owned\u0007\u009b2J\u202e';
    const file = await validateText(
      `{"display_information": {"name": "a"}, ${JSON.stringify(evil)}: 1, "x\u009b": 2}`,
      `${evil}.json`,
    );
    expect(text([file])).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

const secret = '8f742231b10e8888abcd99ef1a2b3c4d';
const token = 'xoxb-2130000-abcdefghij';

/** Files passed by mistake, and manifests with a secret in them. */
const withSecrets: readonly (readonly [name: string, file: string, content: string])[] = [
  ['an env file', '.env', `# Slack\nexport SLACK_SECRET=${secret}\nSLACK_BOT_TOKEN="${token}"\n`],
  ['an env file named as JSON', 'env.json', `SLACK_SECRET=${secret}\n`],
  ['an INI file', 'credentials', `[default]\naws_secret_access_key = ${secret}\n`],
  ['a file of credentials', 'credentials.json', `{"client_id":"1.2","signing_secret":"${secret}"}`],
  ['a YAML file of variables', 'env.yaml', `SLACK_SECRET: ${secret}\nSLACK_BOT_TOKEN: ${token}\n`],
  [
    'a Kubernetes secret',
    'secret.yaml',
    `apiVersion: v1\nkind: Secret\nstringData:\n  SLACK_SECRET: ${secret}\n  SLACK_BOT_TOKEN: ${token}\n`,
  ],
  ['a secret alone', 'secret.txt', `${secret}\n`],
  ['a token that breaks the YAML', 'broken.yaml', `a: b\n ${token}: "\n`],
  [
    'a manifest with a secret under an unknown key',
    'manifest.json',
    `{"display_information":{"name":"a"},"client_secret":"hunter2 ${secret}"}`,
  ],
  [
    'a manifest with a token as a key and as a value',
    'manifest.json',
    `{"display_information":{"name":"a","background_color":"${token}"},"${token}":"${secret}"}`,
  ],
  [
    'a manifest with a secret in a URL',
    'manifest.yaml',
    `display_information: {name: a}\nsettings: {interactivity: {is_enabled: true, request_url: "ftp://${secret}@a.example.com/"}}\n`,
  ],
];

it.each(withSecrets)('no report of %s shows the secret', async (_name, file, content) => {
  const validated = await validateText(content, file);
  expect(validated.valid).toBe(false);
  for (const report of [text, validateAsJson, validateAsGithub, validateAsSarif]) {
    const printed = report([validated]);
    expect(printed).not.toContain(secret);
    expect(printed).not.toContain(token);
    expect(printed).not.toContain('hunter2');
  }
});

it.each([
  ['.env', 'SLACK_SECRET=a', 'this looks like an env file, not a Slack app manifest'],
  ['a', '; c\n\n[x]\nb = 1\n', 'this looks like an env file, not a Slack app manifest'],
  ['a.json', '{"signing_secret":"a"}', 'this looks like a file of credentials, not a Slack app manifest'],
  ['a.json', '{"slack":{"token":"a"}}', 'this looks like a file of credentials, not a Slack app manifest'],
  [
    'package.json',
    JSON.stringify({
      ...{ name: 'a', version: '1.0.0', type: 'module', main: 'a', bin: {}, files: [], scripts: {} },
      ...{ types: 'a.d.ts', engines: {}, license: 'MIT', dependencies: {}, devDependencies: {} },
    }),
    'this looks like a package.json, not a Slack app manifest',
  ],
  [
    'compose.yaml',
    'services: {web: {image: a}}\nvolumes: {}\n',
    'this is not a Slack app manifest: it has neither display_information nor features, oauth_config or settings',
  ],
  [
    'response.json',
    '{"ok":true,"manifest":{"display_information":{"name":"a"}}}',
    'the manifest is inside the key "manifest"',
  ],
])('reports %s, which holds %s, once and shows no line of it', async (name, content, message) => {
  const file = await validateText(content, name);
  expect(file.findings).toMatchObject([
    { rule: 'not-a-manifest', severity: 'error', message, line: 1, column: 1 },
  ]);
  expect(text([file])).not.toContain(' |');
});

describe('json', async () => {
  const schema = JSON.parse(
    await readFile(new URL('../../../schemas/manifest-report.schema.json', import.meta.url), 'utf8'),
  );
  const ajv = new Ajv2020({ strict: true, allErrors: true, strictTypes: false });

  it('matches schemas/manifest-report.schema.json', () => {
    const report = JSON.parse(validateAsJson(files));
    const validate = ajv.compile(schema);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(schema.examples).not.toEqual([]);
    for (const example of schema.examples) expect(validate(example)).toBe(true);
    expect(report.valid).toBe(false);
    expect(report.findings.map(({ file, rule }: Record<string, string>) => `${file} ${rule}`)).toEqual([
      'broken.json missing-key',
      'broken.json unknown-key',
      'broken.json wrong-type',
      'folder/warned.yaml bot-name',
      'empty.yaml syntax',
      'a b:c,d%ä.json syntax',
      '/tmp/absolute.json syntax',
    ]);
  });

  it('has a failure in the same object', () => {
    const failure = { code: 'file-unreadable', message: 'a cannot be read', hint: 'Check it.' };
    const report = JSON.parse(validateAsJson(files.slice(0, 1), failure));
    const validate = ajv.compile(schema);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report).toEqual({ error: failure, valid: false, findings: [] });
  });

  it('has its documented keys, in that order', async () => {
    const file = await validateText('{}', 'a.json');
    expect(JSON.parse(validateAsJson([file]))).toEqual({
      valid: false,
      findings: [
        {
          file: 'a.json',
          rule: 'missing-key',
          severity: 'error',
          pointer: '',
          message: 'the key display_information is missing',
          hint: 'Add display_information: how the app presents itself.',
          line: 1,
          column: 1,
        },
      ],
    });
  });

  it('is valid with warnings alone, except with strict', async () => {
    const [, , warned] = files;
    expect(JSON.parse(validateAsJson(warned ? [warned] : [])).valid).toBe(true);
    const strict = await validateFile(
      new TextEncoder().encode('{"display_information": {"name": "a"}, "compliance": {}}'),
      'a.json',
      { lenient: false, strict: true },
    );
    expect(JSON.parse(validateAsJson([strict]))).toMatchObject({
      valid: false,
      findings: [{ severity: 'warning' }],
    });
  });
});

describe('github', () => {
  it('is one annotation for each finding, with its line', () => {
    const [, broken] = files;
    expect(validateAsGithub(broken ? [broken] : []).split('\n')[1]).toBe(
      '::error file=broken.json,line=2,col=27,title=unknown-key::the key "nme" is unknown here. Did you mean name?',
    );
  });

  it('is empty if nothing is found', async () => {
    expect(validateAsGithub([await validateText('{"display_information": {"name": "a"}}')])).toBe('');
  });

  it('cannot be made to start another command by a name or a text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          '',
          '\n::stop-commands::x',
          '\r\n::set-output name=a::b',
          '%0A::error::x',
          '::',
          ',line=9',
          '\u2028::error::',
          '\u001b[31m\u009b31m\u202e',
        ),
        async (any, evil) => {
          const key = `${any}${evil}`;
          const file = await validateText(
            JSON.stringify({ display_information: { name: 'a' }, [key]: 1 }),
            `${key}.json`,
          );
          const report = validateAsGithub([file]);
          const lines = report.split(/\r\n|\r|\n/).filter((line) => line !== '');
          expect(lines).toHaveLength(file.findings.length);
          for (const line of lines) {
            const [, properties = '', message = ''] = /^::(?:error|warning) ([^:]*)::(.*)$/s.exec(line) ?? [];
            expect(properties.split(',').map((property) => property.split('=', 1)[0])).toEqual([
              'file',
              'line',
              'col',
              'title',
            ]);
            expect(unescaped(properties.slice('file='.length).split(',', 1)[0] ?? '')).toBe(
              visible(`${key}.json`),
            );
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
            expect(unescaped(message)).toContain('is unknown here');
          }
        },
      ),
    );
  });

  /** As GitHub's runner reads it back. */
  function unescaped(escaped: string): string {
    return escaped
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  }
});

describe('sarif', () => {
  const log = JSON.parse(validateAsSarif(files));

  it("matches the standard's schema", () => {
    // The schema is written for a draft that ajv no longer supports; only its name and looser expressions matter.
    const { $schema: _draft, id: _id, ...schema } = sarifSchema;
    const validate = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false }).compile(schema);
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    const failure = { code: 'file-unreadable', message: 'a cannot be read', hint: 'Check it.' };
    expect(validate(JSON.parse(validateAsSarif(files, failure))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...log, version: '2.0.0' })).toBe(false);
    expect(validate({ ...log, runs: [{}] })).toBe(false);
  });

  it('lists each rule once, and refers to it in each result', () => {
    const [run] = log.runs;
    const rules: { id: string; shortDescription: { text: string } }[] = run.tool.driver.rules;
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, shortDescription } of rules) {
      expect(findRule(id)?.title).toBe(shortDescription.text);
    }
    for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex]?.id).toBe(ruleId);
  });

  it('refers to a listed file in each result', () => {
    const [run] = log.runs;
    const uris = run.artifacts.map(({ location }: { location: { uri: string } }) => location.uri);
    expect(uris).toEqual([
      'sound.json',
      'broken.json',
      'folder/warned.yaml',
      'empty.yaml',
      'a%20b%3Ac%2Cd%25%C3%A4.json',
      'file:///tmp/absolute.json',
    ]);
    for (const { locations } of run.results) {
      const [{ physicalLocation }] = locations;
      expect(uris[physicalLocation.artifactLocation.index]).toBe(physicalLocation.artifactLocation.uri);
    }
    expect(run.results[1]).toMatchObject({
      ruleId: 'unknown-key',
      level: 'error',
      locations: [
        {
          physicalLocation: { region: { startLine: 2, startColumn: 27 } },
          logicalLocations: [{ fullyQualifiedName: '/display_information/nme' }],
        },
      ],
    });
  });

  it('has no results if nothing is found', async () => {
    const empty = JSON.parse(validateAsSarif([await validateText('{"display_information": {"name": "a"}}')]));
    expect(empty.runs[0].results).toEqual([]);
  });
});

it('reports the same findings in every format', () => {
  const count = files.reduce((sum, { findings }) => sum + findings.length, 0);
  expect(JSON.parse(validateAsJson(files)).findings).toHaveLength(count);
  expect(validateAsGithub(files).trimEnd().split('\n')).toHaveLength(count);
  const { runs } = JSON.parse(validateAsSarif(files)) as { runs: { results: JsonValue[] }[] };
  expect(runs[0]?.results).toHaveLength(count);
  expect(text(files).match(/^ +\| +\^$/gm)).toHaveLength(count);
});
