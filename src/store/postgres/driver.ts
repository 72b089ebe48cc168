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
} from 'kysely';
import type { PoolClient } from 'pg';
import type { HostPools } from './hosts.ts';

/**
 * Kysely's PostgreSQL dialect on node-postgres, with a limit on all waiting: a connection is requested, used and returned
 * within a set time, whatever the server and the network do. A connection on which a query failed is closed, so that the
 * pool keeps none that hangs or that leads to a server which has become a standby.
 */
export class TimedPostgresDialect implements Dialect {
  readonly #hosts: HostPools;
  readonly #timeLimit: number;

  /** @param timeLimit how long a connection is lent, including the wait for it, in milliseconds */
  constructor(hosts: HostPools, timeLimit: number) {
    this.#hosts = hosts;
    this.#timeLimit = timeLimit;
  }

  createDriver(): Driver {
    return new TimedPostgresDriver(this.#hosts, this.#timeLimit);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(db);
  }
}

class TimedPostgresDriver implements Driver {
  readonly #hosts: HostPools;
  readonly #timeLimit: number;

  constructor(hosts: HostPools, timeLimit: number) {
    this.#hosts = hosts;
    this.#timeLimit = timeLimit;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LentConnection> {
    const askedAt = performance.now();
    const client = await this.#hosts.connect();
    return new LentConnection(client, this.#timeLimit - (performance.now() - askedAt));
  }

  async beginTransaction(connection: LentConnection): Promise<void> {
    await connection.run('begin');
  }

  async commitTransaction(connection: LentConnection): Promise<void> {
    await connection.run('commit');
  }

  async rollbackTransaction(connection: LentConnection): Promise<void> {
    // Closing the connection has rolled it back.
    if (connection.isOpen) await connection.run('rollback');
  }

  async releaseConnection(connection: LentConnection): Promise<void> {
    connection.giveBack();
  }

  async destroy(): Promise<void> {
    await this.#hosts.end();
  }
}

class LentConnection implements DatabaseConnection {
  #client: PoolClient | undefined;
  #failure: unknown;
  readonly #timer: NodeJS.Timeout;

  constructor(client: PoolClient, milliseconds: number) {
    this.#client = client;
    this.#timer = setTimeout(
      () => this.#close(new Error('the database did not respond in time')),
      milliseconds,
    );
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Returns it to the pool. */
  giveBack(): void {
    this.#return(false);
  }

  /** Closes it. A query that still runs on it fails. */
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
    throw new Error('streaming is not supported');
  }
}
