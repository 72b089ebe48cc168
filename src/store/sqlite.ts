import { statSync } from 'node:fs';
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
import { makeFolder } from '../files/make-folder.ts';
import { requirePrivate } from '../files/private-file.ts';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import { hasKeyCheck, openSealer, parseKey, readKeyFile, readPreviousKeyFile } from './encryption-key.ts';
import { encryptionKeyVariable, previousKeyVariable } from './key-variables.ts';
import { loadLibsql } from './libsql.ts';
import { migrate } from './migrations.ts';
import { SqlStore } from './sql-store.ts';
import { describeOpenFailure, sqliteCode } from './sqlite-failure.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

/** How long a statement waits for another process that has locked the file, and how often it retries; milliseconds. */
const lockTimeoutMs = 1000;
const lockRetryMs = 5;
/** How many prepared statements are kept. Those for many rows take up to 100 KB each. */
const maxPrepared = 200;

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
  const given = encryptionKey === undefined ? undefined : parseKey(encryptionKey, encryptionKeyVariable);
  const libsql = await loadLibsql();
  let db: Kysely<Tables> | undefined;
  try {
    await makeFolder(dirname(file), 0o700);
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
        : parseKey(previousKey, previousKeyVariable);
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

/** The parts of libsql's connection that are used here. Its own types do not describe them. */
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

async function connect(Database: Awaited<ReturnType<typeof loadLibsql>>, file: string): Promise<Libsql> {
  const libsql: Libsql = new Database(file, {});
  // Not the write-ahead log: this SQLite (3.45) can reset it under a second connection. FULL flushes the disk at every
  // commit. What is deleted is overwritten, so that it does not stay in the file.
  await retryWhileLocked(() =>
    libsql.exec('pragma journal_mode = truncate; pragma synchronous = full; pragma secure_delete = on'),
  );
  return libsql;
}

/**
 * Retries while another process has locked the file. SQLite's own busy timeout would block libsql's only thread, and
 * with it the work that could release the lock.
 */
async function retryWhileLocked<Result>(attempt: () => Result | Promise<Result>): Promise<Result> {
  for (let waited = 0; ; waited += lockRetryMs) {
    try {
      return await attempt();
    } catch (error) {
      const busy = sqliteCode(error) === 'SQLITE_BUSY';
      if (!busy || waited >= lockTimeoutMs) throw error;
      await setTimeout(lockRetryMs);
    }
  }
}

/** Whether the file of a store can be written to without losing what is written. */
interface FileWatch {
  /** @throws Error if the file is no longer the one that is open, or if it is corrupt */
  check(): void;
  /** Remembers an error that means that the file is corrupt. */
  note(error: unknown): void;
}

/**
 * Finds out whether the store's file was deleted or replaced, before SQLite says only that it is read-only. A file that
 * was once found corrupt is not written to any more.
 */
function watchFile(file: string): FileWatch {
  const opened = statSync(file, { bigint: true });
  let corruption: unknown;
  return {
    check() {
      if (corruption !== undefined) throw corruption;
      // Not the promise: it takes ten times as long, before each transaction.
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (found?.ino === opened.ino && found.dev === opened.dev) return;
      throw new Error(`${file} was ${found ? 'replaced' : 'deleted'} while it was open: restart serve`);
    },
    note(error) {
      if (/^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error))) corruption ??= error;
    },
  };
}

/** Kysely's SQLite dialect on libsql's promises: what waits for a lock or for the disk waits on another thread. */
class LibsqlDialect implements Dialect {
  readonly #libsql: Libsql;
  readonly #file: FileWatch;

  constructor(libsql: Libsql, file: FileWatch) {
    this.#libsql = libsql;
    this.#file = file;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#libsql, this.#file);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Lends its one connection to one user at a time. */
class LibsqlDriver implements Driver {
  readonly #libsql: Libsql;
  readonly #statements: PreparedStatements;
  readonly #file: FileWatch;
  #free: Promise<void> = Promise.resolve();

  constructor(libsql: Libsql, file: FileWatch) {
    this.#libsql = libsql;
    this.#statements = new PreparedStatements(libsql);
    this.#file = file;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LibsqlConnection> {
    const before = this.#free;
    const connection = new LibsqlConnection(this.#statements, this.#file);
    this.#free = connection.released;
    await before;
    return connection;
  }

  async releaseConnection(connection: LibsqlConnection): Promise<void> {
    connection.release();
  }

  /** Locks for writing at once: a transaction that starts by reading could not wait for the lock later. */
  async beginTransaction(): Promise<void> {
    this.#file.check();
    await retryWhileLocked(() => this.#libsql.exec('begin immediate'));
  }

  async commitTransaction(): Promise<void> {
    await retryWhileLocked(() => this.#libsql.exec('commit'));
  }

  async rollbackTransaction(): Promise<void> {
    try {
      await this.#libsql.exec('rollback');
    } catch (error) {
      // SQLite has rolled back by itself, such as after a full disk.
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }

  async destroy(): Promise<void> {
    await this.#free;
    this.#libsql.close();
  }
}

/** The statements that were used last, prepared: to prepare one takes as long as to run a small one. */
class PreparedStatements {
  readonly #libsql: Libsql;
  /** By their SQL, the one that was used last at the end. */
  readonly #statements = new Map<string, Statement>();

  constructor(libsql: Libsql) {
    this.#libsql = libsql;
  }

  async get(sql: string): Promise<Statement> {
    const statement = this.#statements.get(sql) ?? (await retryWhileLocked(() => this.#libsql.prepare(sql)));
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > maxPrepared && oldest !== undefined) this.#statements.delete(oldest);
    return statement;
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #statements: PreparedStatements;
  readonly #file: FileWatch;
  readonly released: Promise<void>;
  release: () => void = () => undefined;

  constructor(statements: PreparedStatements, file: FileWatch) {
    this.#statements = statements;
    this.#file = file;
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await this.#execute(query);
    } catch (error) {
      this.#file.note(error);
      throw error;
    }
  }

  async #execute<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = await this.#statements.get(sql);
    if (!statement.reader) {
      const { changes } = await retryWhileLocked(() => statement.run(parameters));
      return { rows: [], numAffectedRows: BigInt(changes) };
    }
    const rows = await retryWhileLocked(() => statement.all(parameters));
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
      }
    }
    // Kysely's types describe the rows; a driver cannot know them.
    return { rows: rows as Row[] };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('streaming is not supported');
  }
}
