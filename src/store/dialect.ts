import type { RawBuilder, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** What the databases say or do differently; all else is the same SQL for each. */
export interface StoreDialect {
  readonly columnTypes: ColumnTypes;
  /** The database's clock, which all replicas share: milliseconds since the epoch. */
  readonly now: RawBuilder<number>;
  /**
   * Whether rows are locked one by one, so that a query `FOR UPDATE SKIP LOCKED` finds what no other replica is at
   * work on. Else a transaction that writes has the whole database to itself.
   */
  readonly locksRows: boolean;
  /**
   * Lets transactions that store events through one after the other, across replicas: then the order of `events.seq`
   * is the order of their commits, and two that store the same events cannot lock each other out.
   */
  takeTurn(db: Transaction<Tables>): Promise<void>;
}

export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea';
  /** A primary key that grows by itself. */
  readonly counter: 'integer' | 'bigserial';
}
