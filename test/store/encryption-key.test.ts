import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bindToCurrentKey,
  hasKeyCheck,
  openSealer,
  parseCurrentKey,
  parsePreviousKey,
  readKeyFile,
  readPreviousKeyFile,
  takeTurnToSeal,
} from '../../src/store/encryption-key.ts';
import { loadLibsql } from '../../src/store/libsql.ts';
import { connect, LibsqlDialect } from '../../src/store/libsql-dialect.ts';
import type { Sealer } from '../../src/store/sealer.ts';
import { watchFile } from '../../src/store/sqlite-file-watch.ts';
import type { Tables } from '../../src/store/tables.ts';
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
    await expect(readKeyFile(path, true)).rejects.toMatchObject({
      code: 'file-mode-open',
      message: `the key file ${path} can be accessed by other users (mode 0644)`,
    });
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

describe('the key of a store', () => {
  const newKey = Buffer.alloc(32, 1);
  const otherKey = Buffer.alloc(32, 2);
  const value = Buffer.from('xoxb-1');

  /** A database with the tables that matter for its key. */
  async function database(): Promise<Kysely<Tables>> {
    const file = join(await temporaryFolder(), 'serve.db');
    await writeFile(file, '');
    const libsql = await connect(await loadLibsql(), file);
    const db = new Kysely<Tables>({ dialect: new LibsqlDialect(libsql, watchFile(file)) });
    onTestFinished(() => db.destroy());
    await db.schema
      .createTable('settings')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'blob')
      .execute();
    await db.schema.createTable('deliveries').addColumn('seq', 'integer').execute();
    return db;
  }

  /** Prepares to write. @returns how many turns it has taken */
  async function turnsToSeal(db: Kysely<Tables>, sealer: Sealer) {
    let turns = 0;
    const takeTurn = async () => {
      turns += 1;
    };
    await db.transaction().execute((transaction) => takeTurnToSeal(transaction, { takeTurn }, sealer));
    return turns;
  }

  it('is bound to the store that is opened first with it', async () => {
    const db = await database();
    expect(await hasKeyCheck(db)).toBe(false);
    const sealed = (await openSealer(db, key)).seal(value, 'tokens');
    expect(await hasKeyCheck(db)).toBe(true);
    expect((await openSealer(db, key)).open(sealed, 'tokens')).toEqual(value);
    await expect(openSealer(db, otherKey)).rejects.toMatchObject({
      code: 'encryption-key-wrong',
      message: 'the store is encrypted with another key',
      hint: 'Set SPACELIFT_SLACK_ENCRYPTION_KEY to the key that the store was created with, or pass another --store. During a rotation, set SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS to the old key.',
      exitCode: 2,
    });
    expect((await openSealer(db, key)).open(sealed, 'tokens')).toEqual(value);
  });

  it('is required once values are encrypted', async () => {
    const db = await database();
    const sealed = (await openSealer(db, undefined)).seal(value, 'tokens');
    expect(sealed.subarray(1)).toEqual(value);
    expect(await hasKeyCheck(db)).toBe(false);
    await openSealer(db, key);
    await expect(openSealer(db, undefined)).rejects.toMatchObject({
      code: 'encryption-key-missing',
      message: 'the store is encrypted, but SPACELIFT_SLACK_ENCRYPTION_KEY is not set',
      hint: 'Set it to the key that the other replicas use.',
      exitCode: 2,
    });
  });

  it('cannot be added while events wait that are not encrypted', async () => {
    const db = await database();
    await sql`insert into deliveries (seq) values (1)`.execute(db);
    await openSealer(db, undefined);
    await expect(openSealer(db, key)).rejects.toMatchObject({
      code: 'encryption-key-late',
      message: 'events are waiting that were stored without SPACELIFT_SLACK_ENCRYPTION_KEY',
      hint: 'Unset it until they are delivered or discarded (serve events list), or pass another --store.',
      exitCode: 2,
    });
    expect(await hasKeyCheck(db)).toBe(false);
    await db.deleteFrom('deliveries').execute();
    await openSealer(db, key);
    expect(await hasKeyCheck(db)).toBe(true);
  });

  it('does not prevent a restart while encrypted events wait', async () => {
    const db = await database();
    await openSealer(db, key);
    await sql`insert into deliveries (seq) values (1)`.execute(db);
    await expect(openSealer(db, key)).resolves.toBeDefined();
  });

  it('stays the previous one during a rotation, until the store is bound to the new one', async () => {
    const db = await database();
    const replica = await openSealer(db, key);
    const first = await openSealer(db, newKey, key);
    const second = await openSealer(db, newKey, key);
    expect(first.usesPreviousKey).toBe(true);
    expect(replica.open(first.seal(value, 'tokens'), 'tokens')).toEqual(value);

    await db.transaction().execute((transaction) => bindToCurrentKey(transaction, first));
    expect([first.usesPreviousKey, second.usesPreviousKey]).toEqual([false, true]);
    expect(await turnsToSeal(db, second)).toBe(1);
    expect(second.usesPreviousKey).toBe(false);
    await expect(openSealer(db, key)).rejects.toMatchObject({ code: 'encryption-key-wrong' });
    expect((await openSealer(db, newKey)).open(second.seal(value, 'tokens'), 'tokens')).toEqual(value);
  });

  it('is not read again for each write if there is no previous one', async () => {
    const db = await database();
    const sealer = await openSealer(db, key);
    await db.deleteFrom('settings').execute();
    expect(await turnsToSeal(db, sealer)).toBe(1);
  });

  it('is no part of the store for a previous key alone', async () => {
    const db = await database();
    expect((await openSealer(db, undefined, key)).hasPreviousKey).toBe(false);
    expect(await hasKeyCheck(db)).toBe(false);
  });
});
