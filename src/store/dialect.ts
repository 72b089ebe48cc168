import type { RawBuilder, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** The differences between the databases. Everything else is the same SQL for each. */
export interface StoreDialect {
  readonly columnTypes: ColumnTypes;
  /** The database's clock, which all replicas share: milliseconds since the epoch. */
  readonly now: RawBuilder<number>;
  /**
   * Whether rows are locked one by one, so that `FOR UPDATE SKIP LOCKED` skips the rows that another replica works on.
   * If not, a transaction that writes locks the whole database.
   */
  readonly locksRows: boolean;
  /**
   * How long a change of many steps waits between two of them, in milliseconds, so that another process that retries
   * while the database is locked gets the lock.
   */
  readonly stepPauseMs: number;
  /**
   * Removes what a change of many events has left in the table and in its indexes, where that takes a statement and is
   * allowed. Never rejects.
   */
  readonly vacuumDeliveries?: () => Promise<void>;
  /** Whether replicas can share the database. */
  readonly isShared: boolean;
  /**
   * Makes transactions that store events run one after the other, across replicas. So the order of `events.seq` is the
   * order of the commits, and two transactions that store the same events cannot deadlock.
   */
  takeTurn(db: Transaction<Tables>): Promise<void>;
  /** Whether a statement failed because of the values that it was given. */
  isDataError(error: unknown): boolean;
  /** Lets one process at a time migrate. It holds until the transaction ends. */
  lockMigrations(db: Transaction<Tables>): Promise<void>;
}

export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea';
  /** An auto-incremented primary key. */
  readonly counter: 'integer' | 'bigserial';
}
