import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, sql } from 'kysely';
import { makeFolder } from '../files/make-folder.ts';
import { requirePrivate } from '../files/private-file.ts';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import {
  hasKeyCheck,
  openSealer,
  parseCurrentKey,
  parsePreviousKey,
  readKeyFile,
  readPreviousKeyFile,
} from './encryption-key.ts';
import { loadLibsql } from './libsql.ts';
import { connect, LibsqlDialect, lockRetryMs } from './libsql-dialect.ts';
import { migrate } from './migrations.ts';
import { SqlStore } from './sql-store.ts';
import { describeOpenFailure, requireSqlite, sqliteCode } from './sqlite-failure.ts';
import { watchFile } from './sqlite-file-watch.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

const sqlite: StoreDialect = {
  columnTypes: { bytes: 'blob', counter: 'integer' },
  now: sql`cast(unixepoch('subsec') * 1000 as integer)`,
  locksRows: false,
  stepPauseMs: 2 * lockRetryMs,
  isShared: false,
  // A transaction locks the whole database from its start; see `beginTransaction`.
  takeTurn: async () => undefined,
  isDataError: (error) => /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/.test(sqliteCode(error)),
  lockMigrations: async () => undefined,
};

/**
 * Opens and migrates a store in one file. A missing file is created, readable by its owner only.
 *
 * @param encryptionKey the key as text; without it, a key file is used that lies beside the database
 * @param previousKey the key that is being replaced; without it, a second key file is used if there is one
 * @throws UserError `sqlite-missing`, `store-unusable`, `file-mode-open`, `store-newer`, `encryption-key-invalid`, `-missing` or `-wrong`
 */
export async function openSqliteStore(
  file: string,
  encryptionKey: string | undefined,
  previousKey?: string,
): Promise<Store> {
  const given = encryptionKey === undefined ? undefined : parseCurrentKey(encryptionKey);
  const libsql = await loadLibsql();
  let db: Kysely<Tables> | undefined;
  try {
    await makeFolder(dirname(file), 0o700);
    await requireSqlite(file);
    await requirePrivate(file, 'the store');
    await (await open(file, 'a', 0o600)).close();
    db = new Kysely<Tables>({
      dialect: new LibsqlDialect(await connect(libsql, file), watchFile(file)),
    });
    await migrate(db, sqlite);
    const key = given ?? (await readKeyFile(`${file}.key`, !(await hasKeyCheck(db))));
    const previous =
      previousKey === undefined
        ? await readPreviousKeyFile(`${file}.key.previous`)
        : parsePreviousKey(previousKey);
    return new SqlStore(`sqlite:${file}`, db, await openSealer(db, key, previous), sqlite);
  } catch (cause) {
    await db?.destroy();
    if (cause instanceof UserError) throw cause;
    const { message, hint } = describeOpenFailure(cause);
    throw new UserError('store-unusable', `cannot use the store ${file}: ${message}`, {
      hint,
      exitCode: 3,
      cause,
    });
  }
}
