import { chmod, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialPlaceholders, variablesOf } from '../../src/environment/credentials.ts';
import { rehearseCredentials, storeCredentials, storePlaceholders } from '../../src/environment/env-file.ts';
import { Reach } from '../support/reach.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const credentials = {
  clientId: '2833563543.1341693891393',
  clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  signingSecret: '8f742231b10e8888abcd99e0e0e085a5',
};
const values = variablesOf(credentials);

async function envFile(content?: string | Uint8Array, mode = 0o600) {
  const folder = await temporaryFolder();
  const file = { path: join(folder, '.env'), name: '.env' };
  if (content !== undefined) {
    await writeFile(file.path, content);
    await chmod(file.path, mode);
  }
  return { file, folder };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('storeCredentials', () => {
  it('creates a file that only its owner can read, and no other file', async () => {
    const { file, folder } = await envFile();
    expect(await storeCredentials(file, credentials)).toEqual({ change: 'created', notes: [] });
    expect(parse(await readFile(file.path))).toEqual(values);
    expect(await modeOf(file.path)).toBe(0o600);
    expect(await readdir(folder)).toEqual(['.env']);
  });

  it.each([
    [0o644, 0o600],
    [0o664, 0o600],
    [0o640, 0o600],
  ])('changes mode %o to %o and reports it', async (before, after) => {
    const { file } = await envFile('A=1\n', before);
    const { notes } = await storeCredentials(file, credentials);
    expect(notes).toEqual([expect.stringContaining(before.toString(8))]);
    expect(await modeOf(file.path)).toBe(after);
  });

  it('changes the mode of a file that already holds the values', async () => {
    const { file } = await envFile();
    await storeCredentials(file, credentials);
    const before = await readFile(file.path);
    await chmod(file.path, 0o644);
    expect(await storeCredentials(file, credentials)).toMatchObject({ change: 'updated' });
    expect(await modeOf(file.path)).toBe(0o600);
    expect(await storeCredentials(file, credentials)).toEqual({ change: 'unchanged', notes: [] });
    expect(await readFile(file.path)).toEqual(before);
  });

  it('reports keys that were assigned more than once', async () => {
    const { file } = await envFile('SLACK_SECRET=a\nSLACK_SECRET=b\n');
    const { notes } = await storeCredentials(file, credentials);
    expect(notes).toEqual([expect.stringContaining('SLACK_SECRET was assigned more than once in .env')]);
  });

  it('follows a symbolic link, even one whose target does not exist', async () => {
    const { file, folder } = await envFile();
    await symlink('real.env', file.path);
    for (const change of ['created', 'unchanged']) {
      expect(await storeCredentials(file, credentials)).toMatchObject({ change });
      expect(await readlink(file.path)).toBe('real.env');
      expect(parse(await readFile(join(folder, 'real.env')))).toEqual(values);
    }
  });

  it('keeps every byte of the rest, UTF-8 or not', async () => {
    const before = Buffer.concat([Buffer.from('A=grüße\n# '), Buffer.from([0xff, 0xe9]), Buffer.from('\n')]);
    const { file } = await envFile(before);
    await storeCredentials(file, credentials);
    const after = await readFile(file.path);
    expect(after.subarray(0, before.length)).toEqual(before);
    expect(parse(after)).toEqual({ A: 'grüße', ...values });
  });

  it('changes nothing if the result would read differently', async () => {
    const before = 'A="\nSLACK_SECRET=a"a\n"';
    const { file, folder } = await envFile(before, 0o644);
    await expect(storeCredentials(file, credentials)).rejects.toMatchObject({
      code: 'env-file-unclear',
      exitCode: 3,
    });
    expect(await readFile(file.path, 'utf8')).toBe(before);
    expect(await modeOf(file.path)).toBe(0o644);
    expect(await readdir(folder)).toEqual(['.env']);
  });

  it('writes any file correctly or not at all', async () => {
    const { file } = await envFile();
    const quote = fc.constantFrom('"', "'", '`');
    const mess = (maxLength: number) =>
      fc.string({
        unit: fc.constantFrom(...'A=:"\'`\\# \n\r', 'export ', 'SLACK_SECRET='),
        maxLength,
      });
    // A quoted value over several lines with a variable inside and something after the quotes.
    const misleading = fc
      .tuple(quote, mess(3), fc.constantFrom('a', 'a', 'a"', ' # b'))
      .map(([mark, text, after]) => `A=${mark}\n${text}\nSLACK_SECRET=a${mark}${after}\n${mark}`);
    const reach = new Reach<'unclear' | 'written'>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(mess(30), misleading), async (before) => {
        await writeFile(file.path, before);
        const failure = await storeCredentials(file, credentials).catch((error: unknown) => error);
        const after = await readFile(file.path, 'utf8');
        const unclear = failure instanceof Error;
        reach.count({ unclear, written: !unclear });
        expect(unclear ? failure : undefined).toEqual(
          unclear ? expect.objectContaining({ code: 'env-file-unclear' }) : undefined,
        );
        expect(unclear ? after : parse(after)).toEqual(unclear ? before : { ...parse(before), ...values });
      }),
      { numRuns: 150 },
    );
    expect(reach.below(0.1)).toEqual([]);
  });

  it('names a folder that does not exist', async () => {
    const { folder } = await envFile();
    const file = { path: join(folder, 'missing', '.env'), name: 'missing/.env' };
    await expect(storeCredentials(file, credentials)).rejects.toMatchObject({
      code: 'file-not-written',
      exitCode: 3,
    });
  });

  it('rejects a folder', async () => {
    const { folder } = await envFile();
    await expect(storeCredentials({ path: folder, name: '.' }, credentials)).rejects.toMatchObject({
      code: 'file-not-written',
    });
  });
});

describe('storePlaceholders', () => {
  it('writes an example file that everybody can read', async () => {
    const { file } = await envFile();
    await storePlaceholders(file);
    expect(parse(await readFile(file.path))).toEqual(variablesOf(credentialPlaceholders));
    expect((await modeOf(file.path)) & 0o044).toBe(0o044);
  });

  it('does not replace a real value', async () => {
    const { file } = await envFile('SLACK_SECRET=real\n');
    await expect(storePlaceholders(file)).rejects.toMatchObject({ code: 'env-file-in-use', exitCode: 2 });
    expect(await readFile(file.path, 'utf8')).toBe('SLACK_SECRET=real\n');
  });
});

describe('what has changed', () => {
  const summaryOf = async (before: string) => {
    const { file } = await envFile(before);
    return (await storeCredentials(file, credentials)).summary;
  };

  it.each([
    ['A=1\n', 'SLACK_APP_CLIENT_ID added, SLACK_APP_CLIENT_SECRET added, SLACK_SECRET added'],
    ['SLACK_SECRET=old\n', 'SLACK_APP_CLIENT_ID added, SLACK_APP_CLIENT_SECRET added, SLACK_SECRET replaced'],
    [
      `SLACK_SECRET=old\nSLACK_APP_CLIENT_ID=${credentials.clientId}\n`,
      'SLACK_APP_CLIENT_SECRET added, SLACK_SECRET replaced, 1 unchanged',
    ],
    ['SLACK_SECRET=\n', 'SLACK_APP_CLIENT_ID added, SLACK_APP_CLIENT_SECRET added, SLACK_SECRET replaced'],
  ])('is named: %j', async (before, summary) => {
    expect(await summaryOf(before)).toBe(summary);
  });
});

describe('rehearseCredentials', () => {
  it('finds out that the credentials can be stored, and writes nothing', async () => {
    const before = `A=1\nSLACK_SECRET=real\nSLACK_APP_CLIENT_ID=${credentialPlaceholders.clientId}\n`;
    const { file, folder } = await envFile(before);
    expect(await rehearseCredentials(file)).toEqual({ signingSecret: 'real' });
    expect(await readFile(file.path, 'utf8')).toBe(before);
    expect(await readdir(folder)).toEqual(['.env']);
  });

  it('creates no file', async () => {
    const { file, folder } = await envFile();
    expect(await rehearseCredentials(file)).toEqual({});
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails as storing would', async () => {
    const { file } = await envFile('A="\nSLACK_SECRET=a"a\n"');
    await expect(rehearseCredentials(file)).rejects.toMatchObject({
      code: 'env-file-unclear',
      message: '.env cannot be changed safely',
      hint: expect.stringContaining('SLACK_APP_CLIENT_ID, SLACK_APP_CLIENT_SECRET, SLACK_SECRET by hand'),
    });
    const { folder } = await envFile();
    const below = { path: join(folder, 'missing', '.env'), name: 'missing/.env' };
    await expect(rehearseCredentials(below)).rejects.toMatchObject({ code: 'file-not-written' });
  });
});

it('placeholders replace placeholders and empty values, and name the value that they would replace', async () => {
  const { file } = await envFile(
    `SLACK_SECRET=${credentialPlaceholders.signingSecret}\nSLACK_APP_CLIENT_ID=\n`,
  );
  expect(await storePlaceholders(file)).toMatchObject({ change: 'updated' });
  expect(parse(await readFile(file.path))).toEqual(variablesOf(credentialPlaceholders));
  const used = await envFile('SLACK_APP_CLIENT_SECRET=real\n');
  await expect(storePlaceholders(used.file)).rejects.toMatchObject({
    message: '.env has a value for SLACK_APP_CLIENT_SECRET that a placeholder would replace',
    hint: expect.stringContaining('--write .env.example'),
  });
});
