import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import Database from 'libsql/promise';
import { makeFolder } from '../files/make-folder.ts';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import { encryptionKeyVariable, hasKeyCheck, openSealer, parseKey, readKeyFile } from './encryption-key.ts';
import { migrate } from './migrations.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

/** How long a statement waits for another process that holds the file, and how often it looks; milliseconds. */
const lockTimeout = 1000;
const lockInterval = 5;

const sqlite: StoreDialect = {
  columnTypes: { bytes: 'blob', counter: 'integer' },
  now: sql`cast(unixepoch('subsec') * 1000 as integer)`,
  locksRows: false,
  // A transaction has the database to itself from its beginning; see `beginTransaction`.
  takeTurn: async () => undefined,
};

/**
 * Opens a store in one file, which is made where it is missing, readable by its owner alone, and brings it up to date.
 *
 * @param encryptionKey the text of the key; without one a key file lies beside the database
 * @throws UserError `store-unusable`, `store-newer`, `encryption-key-invalid`, `-missing` or `-wrong`
 */
export async function openSqliteStore(file: string, encryptionKey: string | undefined): Promise<Store> {
  const given = encryptionKey === undefined ? undefined : parseKey(encryptionKey, encryptionKeyVariable);
  let db: Kysely<Tables> | undefined;
  try {
    await makeFolder(dirname(file), 0o700);
    await (await open(file, 'a', 0o600)).close();
    db = new Kysely<Tables>({ dialect: new LibsqlDialect(await connect(file)) });
    await migrate(db, sqlite.columnTypes);
    const key = given ?? (await readKeyFile(`${file}.key`, !(await hasKeyCheck(db))));
    return new SqlStore(`sqlite:${file}`, db, await openSealer(db, key), sqlite);
  } catch (cause) {
    await db?.destroy();
    if (cause instanceof UserError) throw cause;
    throw new UserError('store-unusable', `the store ${file} cannot be used`, {
      hint: 'Check that it is a database of this program and that its folder can be written to, or pass --store.',
      exitCode: 3,
      cause,
    });
  }
}

/** The parts of libsql's connection that are used; its own types leave them open. */
interface Libsql {
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Statement>;
  close(): void;
}

interface Statement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Promise<Record<string, unknown>[]>;
  run(parameters: readonly unknown[]): { readonly changes: number };
}

async function connect(file: string): Promise<Libsql> {
  const libsql: Libsql = new Database(file, {});
  // A rollback journal, since the write-ahead log of this SQLite (3.45) can be reset under a second connection;
  // FULL flushes the disk at every commit.
  await patiently(() => libsql.exec('pragma journal_mode = truncate; pragma synchronous = full'));
  return libsql;
}

/**
 * Tries again while another process holds the file. SQLite's own waiting would keep libsql's only thread, and with it
 * whoever could let go of the lock.
 */
async function patiently<Result>(attempt: () => Result | Promise<Result>): Promise<Result> {
  for (let waited = 0; ; waited += lockInterval) {
    try {
      return await attempt();
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
      if (!busy || waited >= lockTimeout) throw error;
      await setTimeout(lockInterval);
    }
  }
}

/** Kysely's SQLite on libsql's promises: what waits for a lock or for the disk, waits on another thread. */
class LibsqlDialect implements Dialect {
  readonly #libsql: Libsql;

  constructor(libsql: Libsql) {
    this.#libsql = libsql;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#libsql);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** SQLite changes tables within a transaction too, so that a migration is done as a whole or not at all. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Hands its one connection to one user at a time. */
class LibsqlDriver implements Driver {
  readonly #libsql: Libsql;
  #free: Promise<void> = Promise.resolve();

  constructor(libsql: Libsql) {
    this.#libsql = libsql;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LibsqlConnection> {
    const before = this.#free;
    const connection = new LibsqlConnection(this.#libsql);
    this.#free = connection.released;
    await before;
    return connection;
  }

  async releaseConnection(connection: LibsqlConnection): Promise<void> {
    connection.release();
  }

  /** Takes the lock for writing at once, which keeps every other process out: a lock taken later could not wait. */
  async beginTransaction(): Promise<void> {
    await patiently(() => this.#libsql.exec('begin immediate'));
  }

  async commitTransaction(): Promise<void> {
    await patiently(() => this.#libsql.exec('commit'));
  }

  async rollbackTransaction(): Promise<void> {
    try {
      await this.#libsql.exec('rollback');
    } catch (error) {
      // A full disk, for one, has made SQLite roll back already.
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }

  async destroy(): Promise<void> {
    await this.#free;
    this.#libsql.close();
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #libsql: Libsql;
  readonly released: Promise<void>;
  release: () => void = () => undefined;

  constructor(libsql: Libsql) {
    this.#libsql = libsql;
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = await patiently(() => this.#libsql.prepare(sql));
    if (!statement.reader) {
      const { changes } = await patiently(() => statement.run(parameters));
      return { rows: [], numAffectedRows: BigInt(changes) };
    }
    const rows = await patiently(() => statement.all(parameters));
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
      }
    }
    // What a row holds is for Kysely's types to say; a driver sees rows of anything.
    return { rows: rows as Row[] };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the store reads no streams');
  }
}
