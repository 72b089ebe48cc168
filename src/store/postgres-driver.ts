import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
  type TableMetadata,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';

/**
 * Kysely's PostgreSQL on node-postgres, with an end to all waiting: from asking for a connection to giving it back no
 * more than a set time may pass, whatever server and network do. A connection on which anything failed is not used
 * again, so that none that is stuck, or leads to a server that has become a standby, stays in the pool.
 */
export class TimedPostgresDialect implements Dialect {
  readonly #pool: Pool;
  readonly #timeLimit: number;

  /** @param timeLimit milliseconds that a connection is lent for, the wait for it included */
  constructor(pool: Pool, timeLimit: number) {
    this.#pool = pool;
    this.#timeLimit = timeLimit;
    // An idle connection that breaks is gone from the pool already; without a listener the process would end.
    pool.on('error', () => undefined);
    // One that breaks while it is lent fails its query, too.
    pool.on('connect', (client) => client.on('error', () => undefined));
  }

  createDriver(): Driver {
    return new TimedPostgresDriver(this.#pool, this.#timeLimit);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new OwnSchemaIntrospector(db);
  }
}

/**
 * Finds the tables of the current schema alone. Kysely's own looks at every table of the database, and fails where
 * somebody drops one of theirs meanwhile.
 */
class OwnSchemaIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }

  override async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = current_schema()
    `.execute(this.#db);
    return rows.map(({ name }) => ({ name, isView: false, columns: [] }));
  }
}

class TimedPostgresDriver implements Driver {
  readonly #pool: Pool;
  readonly #timeLimit: number;

  constructor(pool: Pool, timeLimit: number) {
    this.#pool = pool;
    this.#timeLimit = timeLimit;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LentConnection> {
    const askedAt = performance.now();
    const client = await this.#pool.connect();
    return new LentConnection(client, this.#timeLimit - (performance.now() - askedAt));
  }

  async beginTransaction(connection: LentConnection): Promise<void> {
    await connection.run('begin');
  }

  async commitTransaction(connection: LentConnection): Promise<void> {
    await connection.run('commit');
  }

  async rollbackTransaction(connection: LentConnection): Promise<void> {
    // One that was closed has been rolled back with that.
    if (connection.isOpen) await connection.run('rollback');
  }

  async releaseConnection(connection: LentConnection): Promise<void> {
    connection.giveBack();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class LentConnection implements DatabaseConnection {
  #client: PoolClient | undefined;
  #failure: unknown;
  readonly #timer: NodeJS.Timeout;

  constructor(client: PoolClient, milliseconds: number) {
    this.#client = client;
    this.#timer = setTimeout(() => this.#close(new Error('the database took too long')), milliseconds);
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Back into the pool, for others to use. */
  giveBack(): void {
    this.#return(false);
  }

  /** Closes it for good; a query that still runs on it fails. */
  #close(failure: unknown): void {
    this.#failure = failure;
    this.#return(true);
  }

  #return(close: boolean): void {
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    client?.release(close);
  }

  async run(sql: string, parameters: readonly unknown[] = []) {
    if (!this.#client) throw this.#failure;
    try {
      return await this.#client.query(sql, [...parameters]);
    } catch (error) {
      if (this.#client) this.#close(error);
      throw this.#failure;
    }
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, rowCount } = await this.run(sql, parameters);
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the store reads no streams');
  }
}
