import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { stepSize } from './in-steps.ts';
import type { Sealer } from './sealer.ts';
import type { Tables } from './tables.ts';

/** What a replica learns when it claims a request. */
export type RequestClaim =
  /** The request is new, or the replica that had claimed it is gone: the caller handles it. */
  | { readonly kind: 'claimed' }
  /** Another replica is handling it. */
  | { readonly kind: 'in-progress' }
  /** It has been handled. `response` is what was recorded; undefined if that cannot be decrypted. */
  | { readonly kind: 'handled'; readonly response: Buffer | undefined };

/** The requests that one of the replicas has handled or is handling, so that no other one repeats it. */
export interface HandledRequests {
  /**
   * Claims a request for a replica.
   *
   * @param key identifies the request
   * @param replica identifies the process
   * @param leaseMs after this time without {@link renew}, another replica gets the request
   */
  claim(key: string, replica: string, leaseMs: number): Promise<RequestClaim>;
  /** Extends the leases of requests that a replica is handling. */
  renew(keys: readonly string[], replica: string, leaseMs: number): Promise<void>;
  /** Records the response to a claimed request; does nothing if another replica has it by now. Encrypted at rest. */
  record(key: string, replica: string, response: Uint8Array): Promise<void>;
  /** Gives a claimed request up, so that it counts as new. */
  release(key: string, replica: string): Promise<void>;
}

/**
 * How long a request is remembered, in milliseconds: its signature is valid for five minutes before and after its time,
 * and for the rest of the last second.
 */
export const handledLifetime = 601_000;

/** The handled requests in any SQL database that Kysely supports. Times are those of the database's clock. */
export class SqlHandledRequests implements HandledRequests {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Sealer;
  readonly #dialect: StoreDialect;

  constructor(db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect) {
    this.#db = db;
    this.#sealer = sealer;
    this.#dialect = dialect;
  }

  async claim(key: string, replica: string, leaseMs: number): Promise<RequestClaim> {
    const { now } = this.#dialect;
    const lease = { replica, leased_until: sql<number>`${now} + ${leaseMs}` };
    const claimed = await this.#db
      .insertInto('handled_requests')
      .values({ request: key, ...lease, expires_at: sql<number>`${now} + ${handledLifetime}` })
      .onConflict((conflict) =>
        conflict
          .column('request')
          .doUpdateSet(lease)
          .where('handled_requests.sealed_response', 'is', null)
          .where('handled_requests.leased_until', '<=', now),
      )
      .returning('request')
      .executeTakeFirst();
    if (claimed) return { kind: 'claimed' };
    const row = await this.#db
      .selectFrom('handled_requests')
      .select('sealed_response')
      .where('request', '=', key)
      .executeTakeFirst();
    if (!row?.sealed_response) return { kind: 'in-progress' };
    return { kind: 'handled', response: this.#open(row.sealed_response, key) };
  }

  async renew(keys: readonly string[], replica: string, leaseMs: number): Promise<void> {
    await this.#db
      .updateTable('handled_requests')
      .set({ leased_until: sql<number>`${this.#dialect.now} + ${leaseMs}` })
      .where('request', 'in', keys)
      .where('replica', '=', replica)
      .execute();
  }

  async record(key: string, replica: string, response: Uint8Array): Promise<void> {
    await this.#db
      .updateTable('handled_requests')
      .set({ sealed_response: this.#sealer.seal(response, responseContext(key)) })
      .where('request', '=', key)
      .where('replica', '=', replica)
      .execute();
  }

  async release(key: string, replica: string): Promise<void> {
    await this.#db
      .deleteFrom('handled_requests')
      .where('request', '=', key)
      .where('replica', '=', replica)
      .execute();
  }

  /** Deletes one step of the requests whose time is over. @returns how many */
  async prune(): Promise<number> {
    const rows = await this.#db.transaction().execute((db) =>
      db
        .deleteFrom('handled_requests')
        .where('request', 'in', (expired) =>
          expired
            .selectFrom('handled_requests')
            .select('request')
            // A subquery, which is read once: an index cannot find what a clock returns anew for each row.
            .where('expires_at', '<=', sql<number>`(select ${this.#dialect.now})`)
            .orderBy('expires_at')
            .limit(stepSize)
            .$if(this.#dialect.locksRows, (query) => query.forUpdate().skipLocked()),
        )
        .returning('request')
        .execute(),
    );
    return rows.length;
  }

  #open(sealed: Uint8Array, key: string): Buffer | undefined {
    try {
      return this.#sealer.open(sealed, responseContext(key));
    } catch {
      return undefined;
    }
  }
}

function responseContext(key: string): string {
  return `handled_requests/${key}/response`;
}
