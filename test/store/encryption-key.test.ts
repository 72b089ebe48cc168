import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseCurrentKey,
  parsePreviousKey,
  readKeyFile,
  readPreviousKeyFile,
} from '../../src/store/encryption-key.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 7 * index + 1));

describe('parseCurrentKey', () => {
  it.each([
    key.toString('base64'),
    key.toString('base64').replace('=', ''),
    key.toString('base64url'),
    key.toString('hex'),
    key.toString('hex').toUpperCase(),
    `  ${key.toString('hex')}\n`,
    `\t${key.toString('base64')} \r\n`,
  ])('reads 32 bytes from %j', (text) => {
    expect(parseCurrentKey(text)).toEqual(key);
  });

  it.each([
    '',
    'hush',
    key.toString('hex').slice(1),
    `${key.toString('hex')}0`,
    `0${key.toString('hex')}`,
    key.toString('base64').slice(1),
    `${key.toString('base64').replace('=', '')}==`,
    `A${key.toString('base64')}`,
    `${key.toString('base64').slice(0, 20)} ${key.toString('base64').slice(20)}`,
    Buffer.concat([key, key]).toString('base64'),
    key.subarray(1).toString('base64'),
    '!'.repeat(64),
  ])('rejects %j, and does not show it', (text) => {
    expect(() => parseCurrentKey(text)).toThrow(
      expect.objectContaining({
        code: 'encryption-key-invalid',
        message: 'SPACELIFT_SLACK_ENCRYPTION_KEY is not a key of 32 bytes in base64 or hexadecimal',
        hint: 'Set it to the key of the store. For a new store or a new key, generate one with: openssl rand -base64 32',
        exitCode: 2,
      }),
    );
  });
});

describe('readKeyFile', () => {
  const file = async () => join(await temporaryFolder(), 'serve.key');

  it('creates a key that only its owner can read, and no other file', async () => {
    const path = await file();
    const created = await readKeyFile(path, true);
    expect(created).toHaveLength(32);
    expect(await readFile(path, 'utf8')).toBe(`${created.toString('base64')}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['serve.key']);
    expect(await readKeyFile(path, true)).toEqual(created);
    expect(await readKeyFile(path, false)).toEqual(created);
  });

  it('gives processes that race the same key', async () => {
    const path = await file();
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => readKeyFile(path, true)));
    expect(others).toEqual(others.map(() => first));
    expect(await readdir(join(path, '..'))).toEqual(['serve.key']);
  });

  it('creates another key each time', async () => {
    expect(await readKeyFile(await file(), true)).not.toEqual(await readKeyFile(await file(), true));
  });

  it('creates none for a store that is encrypted already', async () => {
    const path = await file();
    await expect(readKeyFile(path, false)).rejects.toMatchObject({
      code: 'encryption-key-missing',
      message: `the store is encrypted, but its key file ${path} is missing`,
      hint: 'Restore the file, or set SPACELIFT_SLACK_ENCRYPTION_KEY to the key.',
      exitCode: 2,
    });
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('rejects a file that holds something else, or that others can read', async () => {
    const path = await file();
    await writeFile(path, 'hush', { mode: 0o600 });
    await expect(readKeyFile(path, true)).rejects.toMatchObject({
      code: 'encryption-key-invalid',
      message: expect.stringContaining(`the key file ${path} `),
      hint: 'Delete it, and a new one is created, or generate a key with: openssl rand -base64 32',
    });
    await chmod(path, 0o644);
    await expect(readKeyFile(path, true)).rejects.toMatchObject({ code: 'file-mode-open' });
  });

  it('advises to restore the damaged file of a store that is encrypted already: a new key cannot open it', async () => {
    const path = await file();
    await writeFile(path, 'hush', { mode: 0o600 });
    await expect(readKeyFile(path, false)).rejects.toMatchObject({
      code: 'encryption-key-invalid',
      hint: 'Restore the file, or set SPACELIFT_SLACK_ENCRYPTION_KEY to the key.',
    });
    await expect(readPreviousKeyFile(path)).rejects.toMatchObject({
      hint: 'Restore the file, or set SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS to the key.',
    });
  });

  it('rejects a folder, whatever its mode', async () => {
    const path = await file();
    await mkdir(path, { mode: 0o755 });
    await expect(readKeyFile(path, true)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: `the key file ${path} cannot be read: it is a folder`,
    });
  });

  it('fails with what the system says if the file cannot be created', async () => {
    const path = await file();
    await expect(readKeyFile(join(path, 'missing', 'serve.key'), true)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

it('reads the previous key only if there is one', async () => {
  const path = join(await temporaryFolder(), 'serve.key.previous');
  expect(await readPreviousKeyFile(path)).toBeUndefined();
  await writeFile(path, key.toString('hex'), { mode: 0o600 });
  expect(await readPreviousKeyFile(path)).toEqual(key);
});

it('advises no new key in place of the one that is being replaced', () => {
  expect(() => parsePreviousKey('hush')).toThrow(
    expect.objectContaining({ hint: 'Set it to the key that is being replaced.' }),
  );
});
