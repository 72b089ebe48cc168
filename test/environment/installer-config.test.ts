import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeInstallerConfig } from '../../src/environment/installer-config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const credentials = { clientId: '1.2', clientSecret: 'a"b', signingSecret: '$&' };
const block = { enabled: true, client_id: '1.2', client_secret: 'a"b', signing_secret: '$&' };

async function merged(before: string): Promise<string> {
  const path = join(await temporaryFolder(), 'config.json');
  await writeFile(path, before);
  await storeInstallerConfig({ path, name: 'config.json' }, credentials);
  return readFile(path, 'utf8');
}

describe('storeInstallerConfig', () => {
  it('replaces the block in place', async () => {
    const before = '{\n    "a": [1, 2],\n    "slack_config": {"enabled": false},\n    "z": 1.0e3\n}\n';
    expect(await merged(before)).toBe(
      `{
    "a": [1, 2],
    "slack_config": {
        "enabled": true,
        "client_id": "1.2",
        "client_secret": "a\\"b",
        "signing_secret": "$&"
    },
    "z": 1.0e3
}
`,
    );
  });

  it('adds the block after the last key', async () => {
    expect(await merged('{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}')).toBe(
      [
        '{',
        '\t"a": {',
        '\t\t"b": 1',
        '\t},',
        '\t"slack_config": {',
        '\t\t"enabled": true,',
        '\t\t"client_id": "1.2",',
        '\t\t"client_secret": "a\\"b",',
        '\t\t"signing_secret": "$&"',
        '\t}',
        '}',
      ].join('\r\n'),
    );
  });

  it.each([
    '{}',
    '{ }',
    '{"a":1}',
    '{"slack_config":null,"a":[{}]}',
    '{\n}',
    '{"slack_config":1,"slack_config":2}',
  ])('gives the same result as a JSON parser for %j', async (before) => {
    expect(JSON.parse(await merged(before))).toEqual({ ...JSON.parse(before), slack_config: block });
  });

  it('changes nothing the second time', async () => {
    const once = await merged('{\n  "a": 1\n}\n');
    expect(await merged(once)).toBe(once);
  });

  it('leaves a file that only its owner can read', async () => {
    const path = join(await temporaryFolder(), 'config.json');
    await writeFile(path, '{}', { mode: 0o644 });
    const { notes } = await storeInstallerConfig({ path, name: 'config.json' }, credentials);
    expect(notes).toEqual([expect.stringContaining('0600')]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(['', '[]', '{"a":1,}', '{"secret": hush}', 'null'])(
    'rejects %j, and does not show it',
    async (text) => {
      const failure = await merged(text).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'config-invalid', exitCode: 2 });
      expect(failure).not.toHaveProperty('cause');
      expect(String(failure)).not.toContain('hush');
    },
  );

  it('does not create a missing file', async () => {
    const path = join(await temporaryFolder(), 'config.json');
    await expect(storeInstallerConfig({ path, name: 'config.json' }, credentials)).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });
});

it.each([
  ['', 'is not valid JSON'],
  ['[]', 'is not a JSON object'],
  ['null', 'is not a JSON object'],
  ['7', 'is not a JSON object'],
])('says what is wrong with %j', async (text, problem) => {
  await expect(merged(text)).rejects.toMatchObject({
    message: `config.json ${problem}`,
    hint: 'Pass the config.json of the CloudFormation installer.',
  });
});

it('says that the file is missing', async () => {
  const path = join(await temporaryFolder(), 'config.json');
  await expect(storeInstallerConfig({ path, name: 'my.json' }, credentials)).rejects.toThrow(
    'my.json does not exist',
  );
});

it.each([
  ['{}', '{"slack_config":B}'],
  ['{"a":1}', '{"a":1,"slack_config":B}'],
  ['{"slack_config":1}', '{"slack_config":B}'],
])('writes one line into %s', async (before, after) => {
  expect(await merged(before)).toBe(after.replace('B', () => JSON.stringify(block)));
});

it.each([
  ['{\n}', '  '],
  ['{\n    "a": 1\n}', '    '],
  ['{\n\t"a": 1\n}', '\t'],
  ['{ "a": 1,\n   "b": 2 }', '   '],
])('indents as the file does: %j', async (before, indent) => {
  expect(await merged(before)).toContain(
    `\n${indent}"slack_config": {\n${indent}${indent}"enabled": true,\n`,
  );
});

it('changes only the last of several blocks, which counts', async () => {
  expect(await merged('{"slack_config":1,"slack_config":2}')).toBe(
    `{"slack_config":1,"slack_config":${JSON.stringify(block)}}`,
  );
});
