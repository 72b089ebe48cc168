import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const json = 'manifest.json';
const yaml = 'manifest.yaml';

const limit = 128 * 1024 - 200;
const fill = (part: string, size = limit) => part.repeat(Math.floor(size / part.length));
const inside = (list: string, items: string) =>
  `{"display_information":{"name":"a"},${list.replace('…', items)}}`;
const many = (item: (index: number) => string, size = limit) => {
  const items: string[] = [];
  for (let length = 0; length < size; ) {
    const next = item(items.length);
    items.push(next);
    length += next.length + 1;
  }
  return items.join(',');
};

const numbered = (prefix: string) => Array.from({ length: 1000 }, (_, n) => `"${prefix}${n}"`).join(',');

/** Files made to hang or crash a reader, each with a rule that is reported for it. */
const hostile: readonly (readonly [
  name: string,
  file: string,
  content: () => string | Buffer,
  rule: string,
])[] = [
  ['50 MB of spaces', json, () => Buffer.alloc(50 * 1024 * 1024, ' '), 'too-large'],
  ['50 MB of YAML', yaml, () => Buffer.alloc(50 * 1024 * 1024, '- a\n'), 'too-large'],
  ['100,000 nested arrays', json, () => '['.repeat(100_000), 'too-deep'],
  ['100,000 nested objects', json, () => fill('{"a":', 500_000), 'too-large'],
  ['25,000 nested objects', json, () => fill('{"a":'), 'too-deep'],
  ['100,000 nested flow sequences', yaml, () => `a: ${'['.repeat(100_000)}`, 'too-deep'],
  ['nested flow mappings', yaml, () => `a: ${fill('{b: ')}`, 'too-deep'],
  ['100,000 dashes', yaml, () => '- '.repeat(100_000), 'too-large'],
  ['65,000 dashes', yaml, () => fill('- '), 'too-deep'],
  ['question marks', yaml, () => fill('? '), 'too-deep'],
  ['100,000 levels of a block', yaml, () => fill('a:\n', 300_000), 'too-large'],
  [
    'levels of a block',
    yaml,
    () => Array.from({ length: 500 }, (_, level) => `${' '.repeat(level)}a:\n`).join(''),
    'too-deep',
  ],
  [
    'a billion laughs',
    yaml,
    () =>
      [
        'a0: &a0 [x,x,x,x,x,x,x,x,x]',
        ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`),
      ].join('\n'),
    'too-large',
  ],
  [
    'an alias 30,000 times',
    yaml,
    () => `display_information: {name: &a x}\noutgoing_domains: [${fill('*a, ')}]`,
    'too-large',
  ],
  ['anchors without end', yaml, () => fill('- &a '), 'syntax'],
  ['empty documents', yaml, () => fill('---\n'), 'syntax'],
  ['flow sequences in one sequence', yaml, () => `[${fill('[],')}]`, 'too-large'],
  ['arrays in one array', json, () => `[${many(() => '[]')}]`, 'too-large'],
  [
    'a key as long as half of the file',
    json,
    () =>
      `{"features":{},"${fill('k', 60_000)}":[${Array(1000).fill('[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]').join(',')}]}`,
    'unknown-key',
  ],
  ['unknown keys', json, () => `{${many((n) => `"k${n}":0`)}}`, 'not-a-manifest'],
  [
    'unknown keys in a manifest',
    json,
    () =>
      inside(
        '"features":{…}',
        many((n) => `"k${n}":0`),
      ),
    'unknown-key',
  ],
  ['assignments', 'file.env', () => fill('A=b\n'), 'not-a-manifest'],
  ['empty lines', yaml, () => fill(' \n'), 'syntax'],
  ['one key repeated', json, () => `{${many(() => '"a":0')}}`, 'duplicate-key'],
  [
    '1000 events, and as many scopes',
    json,
    () =>
      inside(
        '"oauth_config":{"scopes":{"bot":[…',
        `${numbered('s')}]}},"settings":{"event_subscriptions":{"bot_events":[${Array(1000).fill('"message.im"').join(',')}]}}`,
      ),
    'event-needs-scope',
  ],
  [
    '1000 unknown scopes',
    json,
    () => inside('"oauth_config":{"scopes":{"bot":[…]}}', numbered('channels:')),
    'unknown-scope',
  ],
  [
    '1000 unfurl domains that are objects',
    json,
    () => inside('"features":{"unfurl_domains":[…]}', Array(1000).fill('{"valueOf":1}').join(',')),
    'wrong-type',
  ],
  [
    '1000 commands with unknown keys',
    json,
    () =>
      inside(
        '"features":{"slash_commands":[…]}',
        Array(1000)
          .fill(`{${many((n) => `"k${n}":0`, 120)}}`)
          .join(','),
      ),
    'unknown-key',
  ],
  ['a sequence of 1001 items', yaml, () => `a:\n${fill('- 1\n', 4004)}`, 'too-large'],
  [
    'events and scopes',
    json,
    () =>
      inside(
        '"oauth_config":{"scopes":{"bot":[…',
        `${many((n) => `"s${n}"`, 60_000)}]}},"settings":{"event_subscriptions":{"bot_events":[${many(() => '"message.im"', 60_000)}]}}`,
      ),
    'too-large',
  ],
  [
    'unknown scopes without end',
    json,
    () =>
      inside(
        '"oauth_config":{"scopes":{"bot":[…]}}',
        many((n) => `"cha${n}"`),
      ),
    'too-large',
  ],
  [
    'unfurl domains',
    json,
    () =>
      inside(
        '"features":{"unfurl_domains":[…]}',
        many((n) => `"d${n}"`),
      ),
    'too-large',
  ],
  [
    'unfurl domains that are objects',
    json,
    () =>
      inside(
        '"features":{"unfurl_domains":[…]}',
        many(() => '{}'),
      ),
    'too-large',
  ],
  [
    'redirect URLs that are arrays',
    json,
    () =>
      inside(
        '"oauth_config":{"redirect_urls":[…]}',
        many(() => '[]'),
      ),
    'too-large',
  ],
  ...['<', '[', '{', '{{', '__a', '%A', '$', 'your_a_', 'your-a-', 'x', '.', '-'].map(
    (part) =>
      [
        `a URL of ${part}`,
        json,
        () =>
          inside('"settings":{"interactivity":{"is_enabled":true,"request_url":"https://…"}}', fill(part)),
        'too-long',
      ] as const,
  ),
  ...['<', '[', '{', '{{', '__a', 'your_a_', 'your-a-', '%A'].map(
    (part) =>
      [
        `a shorter URL of ${part}`,
        json,
        () =>
          inside(
            '"settings":{"interactivity":{"is_enabled":true,"request_url":"https://…"}}',
            fill(part, 3_400),
          ),
        'url-',
      ] as const,
  ),
  ['NUL bytes', json, () => Buffer.alloc(100_000), 'encoding'],
  [
    'bytes of all kinds',
    yaml,
    () => Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256)),
    'encoding',
  ],
  [
    'keys that every object inherits',
    json,
    () =>
      '{"__proto__":{"a":1},"constructor":{},"toString":1,"display_information":{"name":"a","__proto__":1}}',
    'unknown-key',
  ],
  [
    'keys that every object inherits, in YAML',
    yaml,
    () => '__proto__: {a: 1}\nconstructor: {}\ndisplay_information: {name: a, __proto__: 1}\n',
    'unknown-key',
  ],
  [
    '__proto__ merged',
    yaml,
    () => 'display_information: {name: a}\nfeatures:\n  <<: {__proto__: {app_home: {}}}\n',
    'unknown-key',
  ],
];

describe('a file made to hang or crash a reader ends with a finding within two seconds of CPU time', () => {
  it.each(hostile)('%s', { timeout: 60_000 }, async (_name, file, content, rule) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, file), content());
    const { code, stdout, stderr } = await runProgram(['manifest', 'validate', file, '--format', 'json'], {
      cwd: folder,
      cpuSeconds: 2,
    });
    expect(stderr).toBe('');
    expect(code).toBe(1);
    const { findings } = JSON.parse(stdout);
    expect(findings.map((finding: { rule: string }) => finding.rule).join(' ')).toContain(rule);
  });
});
