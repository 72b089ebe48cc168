import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import type { Tables } from './tables.ts';

/** The processes that share one app's Socket Mode connections through this store. */
export interface SocketReplicas {
  /**
   * Registers a process, unless all of them together would then hold more connections than the limit.
   *
   * @param connections how many it is going to hold
   * @returns how many the others are going to hold
   */
  register(
    replica: string,
    connections: number,
    limit: number,
  ): Promise<{ readonly registered: boolean; readonly others: number }>;
  /**
   * Keeps a process registered: without this it counts for {@link replicaLifetime}.
   *
   * @param connections how many it is going to hold
   * @param open how many it holds now
   * @returns how many the others hold now, as far as they have said
   */
  renew(replica: string, connections: number, open: number): Promise<number>;
  unregister(replica: string): Promise<void>;
  /** Lists those that have been seen lately, by name. */
  list(): Promise<readonly SocketReplica[]>;
}

/** A process that holds Socket Mode connections. */
export interface SocketReplica {
  readonly replica: string;
  /** How many connections it is going to hold. */
  readonly connections: number;
  /** How many it holds. */
  readonly open: number;
}

/** How long a process counts that says nothing more, in milliseconds. */
export const replicaLifetime = 30_000;

/** The replicas that share a store, in SQL. */
export class SqlSocketReplicas implements SocketReplicas {
  readonly #db: Kysely<Tables>;
  readonly #dialect: StoreDialect;

  constructor(db: Kysely<Tables>, dialect: StoreDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  register(replica: string, connections: number, limit: number) {
    return this.#db.transaction().execute(async (db) => {
      // Two that start together must not each overlook the other.
      await this.#dialect.takeTurn(db);
      const { connections: others } = await this.#others(db, replica);
      const registered = others + connections <= limit;
      if (registered) await this.#save(db, replica, connections, 0);
      return { registered, others };
    });
  }

  renew(replica: string, connections: number, open: number): Promise<number> {
    return this.#db.transaction().execute(async (db) => {
      await this.#save(db, replica, connections, open);
      return (await this.#others(db, replica)).open;
    });
  }

  async unregister(replica: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await db.deleteFrom('socket_replicas').where('replica', '=', replica).execute();
    });
  }

  async list(): Promise<readonly SocketReplica[]> {
    return this.#db
      .selectFrom('socket_replicas')
      .select(['replica', 'connections', 'open'])
      .where('seen_at', '>=', sql<number>`${this.#dialect.now} - ${replicaLifetime}`)
      .orderBy('replica')
      .execute();
  }

  /** Deletes those that have not been seen lately, such as killed ones. */
  async prune(): Promise<void> {
    await this.#db.transaction().execute((db) => this.#deleteGone(db));
  }

  async #save(db: Transaction<Tables>, replica: string, connections: number, open: number): Promise<void> {
    const values = { connections, open, seen_at: this.#dialect.now };
    await db
      .insertInto('socket_replicas')
      .values({ replica, ...values })
      .onConflict((conflict) => conflict.column('replica').doUpdateSet(values))
      .execute();
  }

  /** A time in the future means that the clock was set back. */
  async #deleteGone(db: Transaction<Tables>): Promise<void> {
    const { now } = this.#dialect;
    await db
      .deleteFrom('socket_replicas')
      .where(({ or, eb }) =>
        or([
          eb('seen_at', '<', sql<number>`${now} - ${replicaLifetime}`),
          eb('seen_at', '>', sql<number>`${now} + ${replicaLifetime}`),
        ]),
      )
      .execute();
  }

  /** Sums up the others that have been seen lately. */
  async #others(db: Transaction<Tables>, replica: string) {
    await this.#deleteGone(db);
    const { connections, open } = await db
      .selectFrom('socket_replicas')
      .select(({ fn }) => [
        fn.coalesce(fn.sum<number>('connections'), sql<number>`0`).as('connections'),
        fn.coalesce(fn.sum<number>('open'), sql<number>`0`).as('open'),
      ])
      .where('replica', '!=', replica)
      .executeTakeFirstOrThrow();
    return { connections: Number(connections), open: Number(open) };
  }
}
