import { describe, expect, it } from 'vitest';
import { remark, toRemark } from '../../src/manifest/finding.ts';
import { findRule } from '../../src/manifest/rules/catalogue.ts';
import { validateFile } from '../../src/manifest/validate.ts';
import { validateText } from './documented.ts';

describe('a finding', () => {
  const rule = findRule('url-scheme');
  const violation = { pointer: '/a', message: 'b' };

  it('has the severity and the fix of its rule, unless it has its own', () => {
    const own = { severity: 'warning', hint: 'c' } as const;
    expect(rule && toRemark(rule, violation)).toEqual({
      rule: 'url-scheme',
      severity: 'error',
      hint: 'Put a certificate in front of the endpoint and write https://.',
      ...violation,
    });
    expect(remark('url-scheme', { ...violation, ...own, at: 'key' })).toEqual({
      rule: 'url-scheme',
      ...own,
      ...violation,
      at: 'key',
    });
  });
});

describe('a file', () => {
  const read = (text: string, strict?: boolean) =>
    validateFile(new TextEncoder().encode(text), 'a.yaml', {
      lenient: false,
      ...(strict !== undefined && { strict }),
    });
  const warned =
    'display_information: {name: a}\nfeatures: {bot_user: {display_name: é}}\noauth_config: {scopes: {bot: [commands]}}\n';

  it.each<[string, string, boolean, boolean]>([
    ['nothing is found', 'display_information: {name: a}\n', true, true],
    ['there are warnings', warned, true, false],
    ['there are errors', 'display_information: {}\n', false, false],
  ])('is valid by what is found: %s', async (_name, text, valid, strictly) => {
    expect((await read(text)).valid).toBe(valid);
    expect((await read(text, false)).valid).toBe(valid);
    expect((await read(text, true)).valid).toBe(strictly);
  });

  it('has the findings in the order of the file, of the reader and of the rules', async () => {
    const { findings } = await read(
      'icon: 1\ndisplay_information: {name: &n a}\nsettings: {app_type: *n}\nx: 1\nx: 2\n',
    );
    expect(findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual([
      '1:1 unknown-key',
      '3:12 unlisted-key',
      '3:22 yaml-alias',
      '5:1 duplicate-key',
      '5:1 unknown-key',
    ]);
  });

  it('has no secret in a message, a hint or a pointer', async () => {
    const token = 'xoxb-2130000-abcdefghij';
    const { findings } = await read(
      `display_information: {name: a}\nfeatures: {slash_commands: [{command: ${token}, description: a, url: https://a.example.com}]}\n${token}: 1\n`,
    );
    expect(findings).toHaveLength(3);
    expect(JSON.stringify(findings)).not.toContain(token);
    expect(findings.map(({ pointer }) => pointer)).toContain(`/${'*'.repeat(token.length)}`);
    expect(findings.map(({ hint }) => hint)).toContain(`Write "/${'*'.repeat(token.length)}".`);
  });

  it('has the value of a manifest, and none of anything else', async () => {
    expect((await read('display_information: {}\n')).value).toEqual({ display_information: {} });
    expect(await read('a: 1\n')).not.toHaveProperty('value');
    expect(await read('\ufeffa: 1\n')).not.toHaveProperty('value');
    expect(await read('[\n')).not.toHaveProperty('value');
    expect((await validateText('{}', 'b.json')).name).toBe('b.json');
  });
});
