import { chmod, cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Libsql from 'libsql';
import PromisedLibsql from 'libsql/promise';
import { describe, expect, it, vi } from 'vitest';
import { stepSize } from '../../src/store/in-steps.ts';
import { openStore } from '../../src/store/open.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { describeOpenFailure } from '../../src/store/sqlite-failure.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeRotation } from './rotation-suite.ts';
import { describeStore, event, type TestDatabase } from './store-suite.ts';

function query(file: string, sql: string): Record<string, unknown>[] {
  const database = new Libsql(file, { timeout: 5000 });
  try {
    // What a statement of SQLite's returns are rows.
    return database.prepare(sql).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}

async function createDatabase(): Promise<TestDatabase> {
  const folder = await temporaryFolder();
  const file = join(folder, 'serve.db');
  return {
    open: (encryptionKey, previousKey) => openSqliteStore(file, encryptionKey, previousKey),
    run: async (sql) => query(file, sql),
    count: async (table) => query(file, `select * from ${table}`).length,
    content: async () => {
      const files = await readdir(folder);
      return Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
    },
  };
}

describeStore('SQLite', createDatabase);
describeRotation('SQLite', createDatabase);

describe('the SQLite file', () => {
  it.each(['serve.db', 'serve.db.key'])('is not opened while other users can read %s', async (name) => {
    const folder = await temporaryFolder();
    const file = join(folder, 'serve.db');
    await (await openSqliteStore(file, undefined)).close();
    await chmod(join(folder, name), 0o644);
    await expect(openSqliteStore(file, undefined)).rejects.toMatchObject({
      code: 'file-mode-open',
      hint: `Run: chmod 600 ${join(folder, name)}`,
    });
  });

  async function open() {
    const folder = await temporaryFolder();
    const file = join(folder, 'state', 'serve.db');
    return { folder, file, store: await openSqliteStore(file, undefined) };
  }

  it('is free for another process between the steps of a long change', async () => {
    const { file, store } = await open();
    const other = await openSqliteStore(file, undefined);
    const steps = 20;
    const ids = Array.from({ length: steps * stepSize }, (_, index) => `Ev${index}`);
    await Promise.all(ids.map((id) => store.recordEvent(event(id, { delivery: {} }))));
    let isChanging = true;
    const change = other.deliveries.expire({ waiting: Date.now() + 60_000, setAside: 0 }).finally(() => {
      isChanging = false;
    });
    let stored = 0;
    for (; isChanging; stored++) await store.recordEvent(event(`Meanwhile${stored}`));
    await change;
    // Without a pause, about one for each step.
    expect(stored).toBeGreaterThan(3 * steps);
    await Promise.all([store.close(), other.close()]);
  });

  it('is flushed to disk at every commit', async () => {
    // The setting belongs to the connection, so that another one cannot show it.
    const exec = vi.spyOn(PromisedLibsql.prototype, 'exec');
    const { store } = await open();
    const statements = exec.mock.calls.map(([sql]) => sql).join(';');
    exec.mockRestore();
    expect(statements).toMatch(
      /pragma journal_mode = truncate; *pragma synchronous = full; *pragma secure_delete = on/,
    );
    await store.close();
  });

  it('and its key file are readable by their owner only', async () => {
    const { folder, file, store } = await open();
    await store.recordEvent(event('Ev1'));
    await store.close();
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(join(folder, 'state'))).toBe(0o700);
    expect(await mode(file)).toBe(0o600);
    expect(await mode(`${file}.key`)).toBe(0o600);
    const journal = (await readdir(join(folder, 'state'))).find((name) => name.endsWith('-journal'));
    expect(journal).toBe('serve.db-journal');
    expect(await mode(join(folder, 'state', 'serve.db-journal'))).toBe(0o600);
  });

  it('opens again with the key file beside it', async () => {
    const { file, store } = await open();
    await store.recordEvent(event('Ev1'));
    await store.close();
    const again = await openSqliteStore(file, undefined);
    expect(await again.recordEvent(event('Ev1'))).toBe('known');
    await again.close();
  });

  it('has one key when several processes start together', async () => {
    const file = join(await temporaryFolder(), 'serve.db');
    const stores = await Promise.all(Array.from({ length: 5 }, () => openSqliteStore(file, undefined)));
    await Promise.all(stores.map((store) => store.close()));
    expect(await readdir(join(file, '..'))).toEqual(['serve.db', 'serve.db-journal', 'serve.db.key']);
  });

  it('never gets a second key for values that were encrypted with the first', async () => {
    const { file, store } = await open();
    await store.close();
    await rm(`${file}.key`);
    await expect(openSqliteStore(file, undefined)).rejects.toMatchObject({ code: 'encryption-key-missing' });
    await expect(stat(`${file}.key`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['whatever its mode', 'not a database, but long enough to be looked at as one', 0o644],
    ['however short it is', 'SQLite', 0o600],
  ])('is rejected if it is not a database, %s', async (_, content, mode) => {
    const file = join(await temporaryFolder(), 'serve.db');
    await writeFile(file, content, { mode });
    await expect(openSqliteStore(file, undefined)).rejects.toMatchObject({
      code: 'store-unusable',
      message: `cannot use the store ${file}: the file is not a SQLite database`,
      exitCode: 3,
    });
  });

  it.each([
    ['it is a folder', ''],
    ['its folder cannot be created', 'file/serve.db'],
  ])('is rejected with the reason: %s', async (reason, name) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    // As most folders are: a hint to remove the x bit would make it unusable.
    await chmod(folder, 0o755);
    const file = join(folder, name);
    await expect(openSqliteStore(file, undefined)).rejects.toMatchObject({
      code: 'store-unusable',
      message: `cannot use the store ${file}: ${reason}`,
    });
  });

  it.each([
    ['SQLITE_READONLY_DBMOVED', 'the file or its folder cannot be written to'],
    ['EROFS', 'the file or its folder cannot be written to'],
    ['SQLITE_FULL', 'the disk is full'],
    ['ENOSPC', 'the disk is full'],
    ['SQLITE_CORRUPT', 'the database is corrupt'],
    ['SQLITE_BUSY', 'another process has locked it'],
    ['SQLITE_IOERR', 'the words of SQLite'],
  ])('cannot be opened because of %s: %s', (code, message) => {
    const cause = Object.assign(new Error('the words of SQLite'), { code });
    expect(describeOpenFailure(cause)).toMatchObject({ message });
  });

  it('is rejected if a newer version has migrated it', async () => {
    const { file, store } = await open();
    await store.close();
    query(file, "insert into kysely_migration values ('9999-from-the-future', '2030-01-01') returning name");
    await expect(openSqliteStore(file, undefined)).rejects.toMatchObject({
      code: 'store-newer',
      exitCode: 3,
    });
  });

  it('stores events again once it can be written to', async () => {
    const { file, store } = await open();
    const other = new Libsql(file);
    other.exec('begin exclusive');
    await expect(store.recordEvent(event('Ev1'))).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    other.exec('rollback');
    other.close();
    expect(await store.recordEvent(event('Ev1'))).toBe('stored');
    await store.close();
  });

  it.each([
    ['deleted', (file: string) => rm(file)],
    [
      'replaced',
      async (file: string) => {
        await cp(file, `${file}.copy`);
        await rename(`${file}.copy`, file);
      },
    ],
  ])('stores no event after it was %s, and the check says so', async (what, change) => {
    const { file, store } = await open();
    await store.check();
    await store.recordEvent(event('Ev1'));
    await change(file);
    const failure = `${file} was ${what} while it was open: restart serve`;
    await expect(store.recordEvent(event('Ev2'))).rejects.toThrow(failure);
    await expect(store.check()).rejects.toThrow(failure);
    await store.close();
  });
});

describe('openStore', () => {
  const settings = { location: undefined, encryptionKey: undefined, keepsTokens: false, cwd: '/', env: {} };

  it('uses the state folder of the user', async () => {
    const home = await temporaryFolder();
    await (await openStore({ ...settings, env: { HOME: home } })).close();
    await stat(join(home, '.local/state/spacelift-slack/serve.db'));
    await (await openStore({ ...settings, env: { HOME: home, XDG_STATE_HOME: join(home, 'xdg') } })).close();
    await stat(join(home, 'xdg/spacelift-slack/serve.db'));
  });

  it('resolves a file relative to the working folder', async () => {
    const cwd = await temporaryFolder();
    await (await openStore({ ...settings, location: 'sqlite:data/s.db', cwd })).close();
    await stat(join(cwd, 'data/s.db'));
  });

  it.each(['mysql://x', 'sqlite:', 'serve.db', ''])('rejects %j', async (location) => {
    await expect(openStore({ ...settings, location })).rejects.toMatchObject({ code: 'store-invalid' });
  });

  it('ignores a relative XDG_STATE_HOME, as the specification requires', async () => {
    const env = { XDG_STATE_HOME: 'state' };
    await expect(openStore({ ...settings, env })).rejects.toMatchObject({ code: 'store-missing' });
  });

  it('asks for a file if there is no home directory', async () => {
    await expect(openStore(settings)).rejects.toMatchObject({ code: 'store-missing', exitCode: 2 });
  });
});
