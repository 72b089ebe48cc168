import { setTimeout } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { loadLibsql } from './libsql.ts';
import { sqliteCode } from './sqlite-failure.ts';
import type { FileWatch } from './sqlite-file-watch.ts';

/** How long a statement waits for another process that has locked the file, in milliseconds. */
const lockTimeoutMs = 1000;
/** How often it retries meanwhile, in milliseconds. */
export const lockRetryMs = 5;
/** How many prepared statements are kept. Those for many rows take up to 100 KB each. */
const maxPrepared = 200;

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

/**
 * Opens a file, which exists.
 *
 * @throws what libsql throws, such as for a file that is not a database
 */
export async function connect(
  Database: Awaited<ReturnType<typeof loadLibsql>>,
  file: string,
): Promise<Libsql> {
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

/** Kysely's SQLite dialect on libsql's promises: what waits for a lock or for the disk waits on another thread. */
export class LibsqlDialect implements Dialect {
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
