import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/manifest/finding.ts';
import { diffAsJson, diffAsText } from '../../../src/manifest/report/diff-report.ts';
import { validateAsGithub } from '../../../src/manifest/report/validate-github.ts';
import { validateAsSarif } from '../../../src/manifest/report/validate-sarif.ts';
import { validateAsText } from '../../../src/manifest/report/validate-text.ts';
import { Lines } from '../../../src/manifest/source/position.ts';
import type { ValidatedFile } from '../../../src/manifest/validate.ts';
import { tool } from '../../../src/package.ts';
import { validateText } from '../documented.ts';

const plain = new Chalk({ level: 0 });
/** Colours as words, so that a test shows them. */
const colours = new Chalk({ level: 1 });
const failure = { code: 'file-unreadable', message: 'b.json cannot be read', hint: 'Check its rights.' };

function coloured(text: string): string {
  const names: Readonly<Record<string, string>> = {
    1: 'bold',
    2: 'dim',
    31: 'red',
    32: 'green',
    33: 'yellow',
    36: 'cyan',
  };
  return text.replace(/\u001b\[(\d+)m/g, (_all, code: string) => (names[code] ? `<${names[code]}>` : '</>'));
}

function fileWith(text: string, ...findings: readonly Partial<Finding>[]): ValidatedFile {
  const whole = findings.map(
    (finding): Finding => ({
      rule: 'syntax',
      severity: 'error',
      pointer: '',
      message: 'm',
      hint: 'H.',
      line: 1,
      column: 1,
      ...finding,
    }),
  );
  return { name: 'a.json', valid: whole.length === 0, findings: whole, lines: new Lines(text) };
}

describe('text', () => {
  it('has errors in red, warnings in yellow, and what is valid in green', async () => {
    const broken = await validateText('{"display_information": {"name": 7}}', 'a.json');
    const warned = await validateText('{"display_information": {"name": "a"}, "compliance": {}}', 'b.json');
    const sound = await validateText('{"display_information": {"name": "a"}}', 'c.json');
    expect(coloured(validateAsText([broken, warned, sound], colours))).toBe(
      [
        '<bold>a.json:1:34</> <red>error</> expected a string, got a number <dim>[wrong-type]</>',
        '  <dim>1 |</> {"display_information": {"name": 7}}',
        `  <dim>  |</> ${' '.repeat(33)}<cyan>^</>`,
        '  Write a string.',
        '',
        '<bold>b.json:1:40</> <yellow>warning</> Slack documents or exports compliance, but its published schema lacks it <dim>[unlisted-key]</>',
        '  <dim>1 |</> {"display_information": {"name": "a"}, "compliance": {}}',
        `  <dim>  |</> ${' '.repeat(39)}<cyan>^</>`,
        '  Keep it, unless Slack rejects the manifest because of it.',
        '',
        'c.json: <green>valid</>',
        '',
        '<red>3 files, 1 error, 1 warning</>',
        '<dim>More about a rule:  spacelift-slack explain wrong-type</>',
        '',
      ].join('\n'),
    );
    expect(coloured(validateAsText([warned], colours))).toContain('<green>1 file, 0 errors, 1 warning</>');
  });

  /** The line that is shown, and how many columns precede its caret. */
  function excerpt(text: string, column: number): readonly [string, number] {
    const [, shown = '', caret = ''] = validateAsText([fileWith(text, { column })], plain).split('\n');
    return [shown.slice('  1 | '.length), caret.indexOf('^') - '  1 | '.length];
  }

  it.each<[string, string, number, string, number]>([
    ['a line that fits', '.'.repeat(96), 1, '.'.repeat(96), 0],
    ['a line that is one too long', '.'.repeat(97), 1, `${'.'.repeat(96)}…`, 0],
    [
      '48 columns in front',
      `${'.'.repeat(48)}${'!'.repeat(48)}`,
      49,
      `${'.'.repeat(48)}${'!'.repeat(48)}`,
      48,
    ],
    ['49 columns in front', `${'.'.repeat(49)}y`, 50, `…${'.'.repeat(48)}y`, 49],
    ['97 columns in front', `${':'.repeat(49)}${'.'.repeat(48)}y`, 98, `…${'.'.repeat(48)}y`, 49],
    [
      '49 columns in front and behind',
      `${'.'.repeat(49)}${'!'.repeat(49)}`,
      50,
      `…${'.'.repeat(48)}${'!'.repeat(48)}…`,
      49,
    ],
    ['much behind', `x${'!'.repeat(200)}`, 2, `x${'!'.repeat(95)}…`, 1],
    ['wide characters in front', `${'日'.repeat(25)}y`, 26, `…${'日'.repeat(24)}y`, 49],
    ['wide characters behind', `x${'日'.repeat(48)}`, 2, `x${'日'.repeat(47)}…`, 1],
    ['tabs', '\t\ty', 3, '  y', 2],
    ['the end of the line', 'xy', 3, 'xy', 2],
  ])('shows the part of a line around the place: %s', (_name, line, column, shown, caret) => {
    expect(excerpt(line, column)).toEqual([shown, caret]);
  });

  it('has room for the number of the line', () => {
    const text = validateAsText([fileWith(`${'\n'.repeat(99)}x`, { line: 100 })], plain);
    expect(text).toContain('  100 | x\n      | ^\n');
  });

  it('lists up to ten other places of a finding, and counts more', () => {
    const also = (count: number) => {
      const places = Array.from({ length: count + 1 }, (_, index) => ({ column: index + 1 }));
      return /Also at .*/.exec(validateAsText([fileWith('x'.repeat(20), ...places)], plain))?.[0];
    };
    expect(also(0)).toBeUndefined();
    expect(also(1)).toBe('Also at 1:2.');
    expect(also(10)).toBe('Also at 1:2, 1:3, 1:4, 1:5, 1:6, 1:7, 1:8, 1:9, 1:10, 1:11.');
    expect(also(12)).toBe('Also at 1:2, 1:3, 1:4, 1:5, 1:6, 1:7, 1:8, 1:9, 1:10, 1:11 and 2 more places.');
  });

  it.each<[string, Partial<Finding>]>([
    ['severity', { severity: 'warning' }],
    ['rule', { rule: 'encoding' }],
    ['message', { message: 'n' }],
    ['hint', { hint: 'I.' }],
  ])('shows findings apart that differ in their %s', (_what, other) => {
    const text = validateAsText([fileWith('x', {}, other)], plain);
    expect(text.match(/^a\.json:1:1 /gm)).toHaveLength(2);
  });

  it('shows no line of a file that is no manifest, and masks secrets in one that is', () => {
    expect(validateAsText([fileWith('secret: abc', { at: 'file' })], plain)).toMatch(
      /^a\.json:1:1 error m \[syntax\]\n {2}H\.\n\n1 file, 1 error, 0 warnings\n/,
    );
    expect(validateAsText([fileWith('client_secret: abc', {})], plain)).toContain('client_secret: ***');
  });
});

it('github: has a failure first, and each finding with its place', () => {
  const file = fileWith('x', { line: 2, column: 3, severity: 'warning' });
  expect(validateAsGithub([file], failure)).toBe(
    '::error title=file-unreadable::b.json cannot be read. Check its rights.\n' +
      '::warning file=a.json,line=2,col=3,title=syntax::m. H.\n',
  );
});

describe('sarif', () => {
  const run = (files: readonly ValidatedFile[], error?: typeof failure) =>
    JSON.parse(validateAsSarif(files, error)).runs[0];

  it('is a log of one run', () => {
    const file = fileWith('x', { line: 2, column: 3, pointer: '/a' });
    expect(JSON.parse(validateAsSarif([file]))).toEqual({
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: tool.name,
              version: tool.version,
              rules: [
                {
                  id: 'syntax',
                  shortDescription: { text: 'A manifest is one JSON or YAML document.' },
                  fullDescription: {
                    text: 'A manifest is one JSON or YAML document. The file cannot be read beyond this place. Source: docs.',
                  },
                  help: {
                    text: 'Correct the syntax at this place or just before it. More: spacelift-slack explain syntax',
                  },
                  defaultConfiguration: { level: 'error' },
                },
              ],
            },
          },
          invocations: [{ executionSuccessful: true, exitCode: 1 }],
          columnKind: 'utf16CodeUnits',
          artifacts: [{ location: { uri: 'a.json' } }],
          results: [
            {
              ruleId: 'syntax',
              ruleIndex: 0,
              level: 'error',
              message: { text: 'm. H.' },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a.json', index: 0 },
                    region: { startLine: 2, startColumn: 3 },
                  },
                  logicalLocations: [{ fullyQualifiedName: '/a' }],
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('has its rules in the order of their names', () => {
    const file = fileWith('x', { rule: 'syntax' }, { rule: 'encoding' }, { rule: 'syntax' });
    const { tool: sarifTool, results } = run([file]);
    expect(sarifTool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['encoding', 'syntax']);
    expect(results.map(({ ruleIndex }: { ruleIndex: number }) => ruleIndex)).toEqual([1, 0, 1]);
  });

  it('has the exit code of the command', () => {
    expect(run([fileWith('x')]).invocations).toEqual([{ executionSuccessful: true, exitCode: 0 }]);
    expect(run([fileWith('x'), fileWith('x', {})]).invocations).toEqual([
      { executionSuccessful: true, exitCode: 1 },
    ]);
    expect(run([], failure).invocations).toEqual([
      {
        executionSuccessful: false,
        exitCode: 2,
        toolExecutionNotifications: [
          { level: 'error', message: { text: 'b.json cannot be read. Check its rights.' } },
        ],
      },
    ]);
  });

  it.each([
    ['a/b c.json', 'a/b%20c.json'],
    ['a\\b.json', 'a/b.json'],
    ['/a/b.json', 'file:///a/b.json'],
  ])('names the file %s as the URI %s', (name, uri) => {
    expect(run([{ ...fileWith('x'), name }]).artifacts).toEqual([{ location: { uri } }]);
  });

  it('names no rule that does not exist', () => {
    expect(() => run([fileWith('x', { rule: 'none' })])).toThrow('there is no rule none');
  });
});

describe('diff', () => {
  const names = { actual: 'a.json', wanted: 'b.json' };
  const added = { kind: 'added', pointer: '/a', to: 1, effect: 'E.' } as const;
  const removed = { kind: 'removed', pointer: '/b/0', from: ['x'], effect: 'F.' } as const;
  const changed = { kind: 'changed', pointer: '', from: null, to: { a: 'b' }, effect: 'G.' } as const;

  it('shows each change with its effect', () => {
    expect(coloured(diffAsText([added, removed, changed], names, colours))).toBe(
      [
        '<bold>a.json needs 3 changes to match b.json</>',
        '',
        '<green>+ /a: 1</>',
        '    E.',
        '',
        '<red>- /b/0: ["x"]</>',
        '    F.',
        '',
        '<yellow>~ (whole document): null -> {"a":"b"}</>',
        '    G.',
        '',
      ].join('\n'),
    );
    expect(diffAsText([added], names, plain)).toMatch(/^a\.json needs 1 change to match b\.json\n/);
    expect(coloured(diffAsText([], names, colours))).toBe('a.json <green>matches</> b.json\n');
  });

  it('cuts a value off after 120 characters', () => {
    const shown = (length: number) =>
      diffAsText([{ ...added, to: '.'.repeat(length - 2) }], names, plain).split('\n')[2];
    expect(shown(120)).toBe(`+ /a: "${'.'.repeat(118)}"`);
    expect(shown(121)).toBe(`+ /a: "${'.'.repeat(118)}…`);
  });

  it('is JSON for programs', () => {
    expect(JSON.parse(diffAsJson([added, removed, changed]))).toEqual({
      equal: false,
      changes: [added, removed, changed],
    });
    expect(diffAsJson([])).toBe('{\n  "equal": true,\n  "changes": []\n}\n');
  });

  it.each([
    ['/client_secret', 'abc', '***'],
    ['/client_secret/12', 'abc', '***'],
    ['/a/client_secret2', 'abc', '***'],
    ['/a/2_secret', 'abc', '***'],
    ['/client_secret/-', ['abc', 1], ['***', 1]],
    ['/client_secret/name', 'abc', 'abc'],
    ['/a', { client_secret: 'abc', b: 'abc' }, { client_secret: '***', b: 'abc' }],
    ['/a', 'xoxb-2130000-abcdefghij', '*'.repeat(23)],
    ['/a', { 'xoxb-2130000-abcdefghij': null }, { ['*'.repeat(23)]: null }],
    ['/0', 'abc', 'abc'],
  ])('masks secrets at %s: %j becomes %j', (pointer, value, masked) => {
    const [change] = JSON.parse(diffAsJson([{ ...added, pointer, to: value, from: value }])).changes;
    expect([change.to, change.from]).toEqual([masked, masked]);
  });
});
