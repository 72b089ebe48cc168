import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Domain, parseDomain } from '../../src/domain.ts';
import { isObject, type JsonObject, type JsonValue } from '../../src/json-value.ts';
import { inspectManifest } from '../../src/manifest/inspect.ts';
import { mergePatch } from '../../src/manifest/merge-patch.ts';
import { renderManifest, toJson, toYaml } from '../../src/manifest/render.ts';
import { rules } from '../../src/manifest/rules/catalogue.ts';
import { validateFile } from '../../src/manifest/validate.ts';
import { Reach } from '../support/reach.ts';
import { documentedManifest, found, renderOptions, validateText } from './documented.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const ends = fc.constantFrom(...letters, ...'0123456789');
const label = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(ends, fc.stringMatching(/^[a-z0-9-]{0,20}$/), ends).map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(ends, fc.stringMatching(/^[a-z0-9-]{55,61}$/), ends).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: ends },
  {
    weight: 1,
    arbitrary: fc.constantFrom('xn--bcher-kva', 'xn--e1afmkfd', 'xn--fiqs8s', '0', '2026', 'a--b'),
  },
);
const ending = fc.constantFrom('com', 'io', 'example', 'co.uk', 'cloud', 'xn--p1ai', 'museum');

/** Names that look like a placeholder, which cause a warning on purpose. */
const suspicious = /your|x{3,}|changeme|replace-?me|placeholder/;

const domains: fc.Arbitrary<Domain> = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 5 }), ending)
  .map(([labels, last]) => [...labels, last].join('.'))
  .filter((text) => !suspicious.test(text))
  .map((text) => parseDomain(text))
  .filter((parsed) => parsed.ok)
  .map(({ domain }) => domain);

describe('for any domain', () => {
  it('renders a manifest without findings', async () => {
    await fc.assert(
      fc.asyncProperty(domains, domains, async (domain, webhookDomain) => {
        const { manifest, remarks } = await renderManifest(renderOptions({ domain, webhookDomain }));
        expect(remarks).toEqual([]);
        expect(found(await validateText(toJson(manifest)))).toEqual([]);
        expect(found(await validateText(await toYaml(manifest), 'manifest.yaml'))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('reports what the schema and the rules find, also where it does not ask them', async () => {
    const unusual = fc
      .constantFrom('your-domain.com', 'xxx.example', 'spacelift.internal', 'sl.corp', 'a.placeholder.lan')
      .map((text) => parseDomain(text))
      .filter((parsed) => parsed.ok)
      .map(({ domain }) => domain);
    const either = fc.oneof(domains, unusual);
    await fc.assert(
      fc.asyncProperty(
        either,
        either,
        fc.boolean(),
        fc.boolean(),
        async (domain, webhookDomain, socketMode, orgDeploy) => {
          const { manifest, remarks } = await renderManifest({
            domain,
            webhookDomain,
            socketMode,
            orgDeploy,
          });
          expect(remarks).toEqual(await inspectManifest(manifest, { lenient: false, format: 'json' }));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('renders the same manifest as YAML and as JSON', async () => {
    await fc.assert(
      fc.asyncProperty(
        domains,
        fc.string({ unit: 'binary', minLength: 1, maxLength: 35 }),
        async (domain, name) => {
          const { manifest } = await renderManifest(renderOptions({ domain, name }));
          expect(parse(await toYaml(manifest))).toEqual(JSON.parse(toJson(manifest)));
        },
      ),
      { numRuns: 100 },
    );
  });
});

const jsonValue = fc
  .jsonValue({ maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** Every pointer of a manifest, as the keys that lead there. */
function paths(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  const parts = Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
  return [path, ...parts.flatMap(([key, part]) => paths(part as JsonValue, [...path, key]))];
}

function replaced(value: JsonValue, [key, ...rest]: readonly string[], part: JsonValue): JsonValue {
  if (key === undefined) return part;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, part) : item));
  return isObject(value) ? { ...value, [key]: replaced(value[key] ?? null, rest, part) } : value;
}

/** Values of the right kind for some part of a manifest, and slightly wrong ones. */
const plausible = fc.constantFrom<JsonValue[]>(
  ...[
    '',
    'A',
    'a b',
    'x'.repeat(200),
    'y'.repeat(4_001),
    '/other',
    '/Two Words',
    'spacelift',
    '#zzz',
    '#101010',
  ],
  ...[
    'https://spacelift.example.com/webhooks/slack',
    'https://a.example/{x}',
    'http://a.example/',
    'https://a',
  ],
  ...[
    'https://localhost/',
    'https://10.0.0.1/x',
    'https://user:pw@a.example/',
    'https://your-domain.example.com/',
  ],
  ...[
    'chat:write',
    'admin',
    'no:such-scope',
    'message.im',
    'app_home_opened',
    'no_such_event',
    'assistant:write',
  ],
  ...[
    ['chat:write', 'chat:write'],
    ['message.im', 'message.im'],
    ['reaction_added', 'app_uninstalled'],
    ['admin'],
  ],
  ...[[], {}, true, false, null, 0, 1, { bot: [] }, { user: ['admin'] }, { is_enabled: true }],
  ...[{ request_url: 'http://a.example' }, { is_enabled: false }, { bot_events: ['message.im'] }],
  ...[
    { assistant_description: '', suggested_prompts: [] },
    { display_name: 'B', always_online: 'yes' },
  ],
  [
    { command: '/a', description: 'b' },
    { command: '/a', description: 'b' },
  ],
);
/** Keys that Slack knows and the documented manifest lacks, one that it does not know, and a misspelled one. */
const otherKeys = fc.constantFrom(
  ...['socket_mode_enabled', 'assistant_view', 'agent_view', 'shortcuts', 'unfurl_domains', 'workflow_steps'],
  ...[
    'user',
    'user_events',
    'message_menu_options_url',
    'token_rotation_enabled',
    'hermes_app_type',
    'functions',
  ],
  ...['long_description', 'background_color', 'allowed_ip_address_ranges', 'app_home', 'nmae', 'url'],
);

/** @returns the rules that were broken */
async function expectSensible(bytes: Uint8Array, name: string): Promise<readonly string[]> {
  const { findings, lines } = await validateFile(bytes, name, { lenient: false });
  for (const { rule, message, hint, line, column } of findings) {
    expect(rules.map(({ id }) => id)).toContain(rule);
    expect(message).not.toBe('');
    expect(hint).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual(lines.text(line).length + 1);
  }
  return findings.map(({ rule }) => rule);
}

/** Block mappings and sequences of scalars in every style, with anchors, tags and comments; most are valid. */
const yamlDocument = fc
  .array(
    fc
      .tuple(
        fc.constantFrom('', '', '', '&a ', '!!str ', '!x '),
        fc.constantFrom(
          ...['a', '1', '0x1f', '.inf', '~', 'yes', '2026-01-01', "'it''s'", '"\\u00e9"', '[a, {b: 1}]'],
        ),
        fc.constantFrom('', '', ' # note'),
        fc.constantFrom('', '', '', '\n  b: c', '\n  - d\n  - e', ' *a'),
      )
      .map(([before, scalar, comment, below]) => (below === '' ? `${before}${scalar}${comment}` : below)),
    { minLength: 1, maxLength: 6 },
  )
  .map((values) => values.map((value, index) => `key${index}: ${value}\n`).join(''));

const encoded = (text: string) => new TextEncoder().encode(text);
const names = fc.constantFrom('manifest.json', 'manifest.yaml', 'stdin');

describe('validation ends without an exception', () => {
  it('for any JSON value', async () => {
    await fc.assert(
      fc.asyncProperty(jsonValue, names, async (value, name) => {
        await expectSensible(encoded(JSON.stringify(value)), name);
        await expectSensible(encoded(stringify(value)), 'manifest.yaml');
      }),
      { numRuns: 500 },
    );
  });

  it('for a manifest in which any part is replaced by anything', async () => {
    const documented = await documentedManifest();
    const places = fc.constantFrom(...paths(documented));
    const added = fc.tuple(places, otherKeys).map(([path, key]) => [...path, key]);
    const change = fc.tuple(
      fc.oneof({ weight: 3, arbitrary: places }, { weight: 1, arbitrary: added }),
      fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: jsonValue }),
    );
    const broken = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const manifest = changes.reduce(
          (value: JsonValue, [path, part]) => replaced(value, path, part),
          documented,
        );
        for (const rule of await expectSensible(encoded(JSON.stringify(manifest, null, 2)), 'manifest.json'))
          broken.add(rule);
        await expectSensible(encoded(await toYaml(manifest)), 'manifest.yaml');
      }),
      { numRuns: 700 },
    );
    expect(broken.size).toBeGreaterThanOrEqual(18);
  });

  it('for a manifest with any unknown keys', async () => {
    const documented = await documentedManifest();
    const places = fc.constantFrom(...paths(documented));
    await fc.assert(
      fc.asyncProperty(
        places,
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('__proto__', 'constructor', 'toString', '<<'),
        ),
        async (path, key) => {
          const manifest = replaced(documented, path, JSON.parse(`{${JSON.stringify(key)}:1}`));
          await expectSensible(encoded(JSON.stringify(manifest)), 'manifest.json');
        },
      ),
    );
  });

  it('for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), names, async (text, name) => {
        await expectSensible(encoded(text), name);
      }),
      { numRuns: 500 },
    );
  });

  it('for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), names, async (bytes, name) => {
        await expectSensible(bytes, name);
      }),
      { numRuns: 300 },
    );
  });

  it('for what looks like YAML', async () => {
    const part = fc.constantFrom(
      'a',
      'display_information',
      ':',
      ': ',
      '- ',
      '\n',
      '  ',
      '\t',
      '&a ',
      '*a',
      '<<: ',
      '!!binary ',
      '!x ',
      '? ',
      '| ',
      '>-\n',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '\r\n',
      '0x1f',
      '.inf',
      '~',
      '2026-01-01',
      '!!set ',
      '!!omap ',
      '!!timestamp ',
      '@',
      '`',
    );
    const reach = new Reach<'valid' | 'not valid'>();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
          yamlDocument,
        ),
        async (text) => {
          const broken = await expectSensible(encoded(text), 'manifest.yaml');
          const valid = !broken.includes('syntax');
          reach.count({ valid, 'not valid': !valid });
        },
      ),
      { numRuns: 2000 },
    );
    expect(reach.below(0.1)).toEqual([]);
  });

  it('for a manifest that is cut off, or in which one character is missing or added', async () => {
    const documented = await documentedManifest();
    for (const [text, name] of [
      [toJson(documented), 'manifest.json'],
      [await toYaml(documented), 'manifest.yaml'],
    ] as const) {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(text.length),
          fc.nat(3),
          fc.string({ unit: 'binary', maxLength: 2 }),
          async (at, less, more) => {
            await expectSensible(encoded(text.slice(0, at)), name);
            await expectSensible(encoded(text.slice(0, at) + more + text.slice(at + less)), name);
          },
        ),
        { numRuns: 200 },
      );
    }
  });
});

describe('reading', () => {
  it('accepts what JSON.parse accepts, and nothing else', async () => {
    const text = fc.oneof(
      fc.json(),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            ',',
            ':',
            '"a"',
            '1',
            '-',
            'e5',
            '.5',
            '01',
            'null',
            ' ',
            '\n',
            '\\',
            '\u2028',
            'NaN',
            '//',
            "'a'",
            '"\\u0000"',
            '"\u007f"',
            '"\\ud800"',
            '1e999',
          ),
          { maxLength: 12 },
        )
        .map((parts) => `[${parts.join('')}]`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (json) => {
        const document = `{"features":${json}}`;
        const { value } = await validateText(document);
        const expected = attempt(() => JSON.parse(document));
        expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a merge patch of any object', () => {
  const key = fc.constantFrom('a', 'b', 'c', '__proto__');
  const { tree, object: anyObject } = fc.letrec<{ tree: JsonValue; object: JsonObject }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<JsonValue[]>(null, null, 1, 'x', [{ a: null }]),
      tie('object'),
    ),
    object: fc
      .uniqueArray(fc.tuple(key, tie('tree')), { selector: ([name]) => name, minLength: 1, maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  }));
  const targets = fc.oneof({ weight: 4, arbitrary: anyObject }, { weight: 1, arbitrary: tree });
  const ownValue = (value: JsonValue, name: string) =>
    isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

  it('removes what is null, merges objects, replaces the rest, and keeps what it does not name', () => {
    const reach = new Reach<'removes' | 'merges' | 'replaces' | 'keeps' | 'over no object'>();
    fc.assert(
      fc.property(targets, anyObject, (target, patch) => {
        const result = mergePatch(target, patch);
        const names = new Set([...Object.keys(isObject(target) ? target : {}), ...Object.keys(patch)]);
        const effects = [...names].map((name) => {
          const [before, change] = [ownValue(target, name), ownValue(patch, name)];
          const expected =
            change === undefined
              ? before
              : change === null
                ? undefined
                : isObject(change)
                  ? mergePatch(isObject(before) ? before : {}, change)
                  : change;
          expect(ownValue(result, name)).toEqual(expected);
          if (change === undefined) return 'keeps';
          if (before === undefined) return 'adds';
          if (change === null) return 'removes';
          return isObject(change) && isObject(before) ? 'merges' : 'replaces';
        });
        expect(Object.keys(result ?? {}).filter((name) => !names.has(name))).toEqual([]);
        const has = (effect: string) => effects.some((one) => one === effect);
        reach.count({
          removes: has('removes'),
          merges: has('merges'),
          replaces: has('replaces'),
          keeps: has('keeps'),
          'over no object': !isObject(target),
        });
      }),
      { numRuns: 1_000 },
    );
    expect(reach.below(0.05)).toEqual([]);
  });
});

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
