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
  type RootOperationNode,
} from 'kysely';
import type { PoolClient } from 'pg';
import type { HostPools } from './hosts.ts';

/**
 * Kysely's PostgreSQL dialect on node-postgres, with a limit on all waiting: a connection is requested, used and returned
 * within a set time, whatever the server and the network do. A connection on which a query failed is closed, so that the
 * pool keeps none that hangs or that leads to a server which has become a standby.
 *
 * A transaction takes few round trips: it does not wait for the response to a statement that returns no rows, which is an
 * insert, update or delete without `returning`, or a `lock`. If such a statement fails, so does the commit. Kysely does not
 * learn how many rows it changed.
 *
 * Everything that reads in an order is planned as {@link begin} says, also a select outside a transaction: it runs in one of
 * its own, in the same round trip.
 *
 * Statements have no names, since behind a pooler the next transaction may run in another session.
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

/**
 * Begins a transaction in which what reads the first rows in an order reads them along an index. Where the statistics are
 * missing or old, PostgreSQL expects few rows, and would read and sort all for each step. A sort that no index replaces
 * remains, but counts as so expensive that it would be compiled. These settings end with the transaction, since behind a
 * pooler the session has others.
 */
const begin = 'begin; set local enable_sort = off; set local jit = off';

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
    connection.begin();
  }

  async commitTransaction(connection: LentConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: LentConnection): Promise<void> {
    await connection.rollback();
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
  #transaction: 'none' | 'to-begin' | 'begun' = 'none';
  /** Statements of the transaction whose responses nothing has waited for. */
  #sent: Promise<unknown>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(client: PoolClient, milliseconds: number) {
    this.#client = client;
    this.#timer = setTimeout(
      () => this.#close(new Error('the database did not respond in time')),
      milliseconds,
    );
  }

  /** Begins a transaction with the next statement. */
  begin(): void {
    this.#transaction = 'to-begin';
  }

  async commit(): Promise<void> {
    const hasBegun = this.#transaction === 'begun';
    this.#transaction = 'none';
    // PostgreSQL responds to the commit of a failed transaction without an error: it is the statement that failed.
    if (hasBegun) await Promise.all([...this.#sent.splice(0), this.#run('commit')]);
  }

  async rollback(): Promise<void> {
    const hasBegun = this.#transaction === 'begun';
    this.#transaction = 'none';
    this.#sent = [];
    // Closing the connection has rolled it back.
    if (hasBegun && this.#client) await this.#run('rollback');
  }

  async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#transaction === 'none' && query.kind === 'SelectQueryNode') {
      const [, result] = await Promise.all([
        this.#run(begin),
        this.#run<Row>(sql, parameters),
        this.#run('commit'),
      ]);
      return result;
    }
    let text = sql;
    if (this.#transaction === 'to-begin') {
      this.#transaction = 'begun';
      // One message of several statements, in which nothing runs if it cannot begin. It cannot have parameters.
      if (parameters.length === 0) text = `${begin}; ${sql}`;
      else await this.#run(begin);
    }
    const result = this.#run<Row>(text, parameters);
    if (this.#transaction === 'none' || returnsRows(query)) return result;
    // The commit reports the failure.
    result.catch(() => undefined);
    this.#sent.push(result);
    return { rows: [] };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('streaming is not supported');
  }

  /** Returns it to the pool. */
  giveBack(): void {
    clearTimeout(this.#timer);
    this.#client?.release();
    this.#client = undefined;
  }

  /** @throws the first failure of this connection, which has been closed then */
  async #run<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    if (!this.#client) throw this.#failure;
    try {
      // Several statements have several results.
      const results = [await this.#client.query(sql, [...parameters])].flat();
      const { rows = [], rowCount } = results.at(-1) ?? {};
      return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
    } catch (error) {
      this.#close(error);
      throw this.#failure;
    }
  }

  /** Closes it at once. The queries that still run on it fail. */
  #close(failure: unknown): void {
    if (!this.#client) return;
    clearTimeout(this.#timer);
    this.#failure = failure;
    // The pool would wait for the responses.
    this.#client.connection.stream.destroy();
    this.#client.release(true);
    this.#client = undefined;
  }
}

/** Whether the rows that a query returns may be of use. */
function returnsRows(query: RootOperationNode): boolean {
  switch (query.kind) {
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode':
      return query.returning !== undefined;
    case 'RawNode':
      return query.sqlFragments[0]?.startsWith('lock ') !== true;
    default:
      return true;
  }
}
