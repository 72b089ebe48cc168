import type { Kysely } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { stepSize } from './in-steps.ts';
import type { Tables } from './tables.ts';

/** An installation that was started: what the browser must bring back. Both values are stored as hashes. */
export interface OAuthState {
  readonly stateHash: string;
  readonly browserHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The installations that were started and are not finished. */
export interface OAuthStates {
  save(state: OAuthState): Promise<void>;
  /** Deletes a state and returns it, so that it works once, on whichever replica. */
  take(stateHash: string): Promise<OAuthState | undefined>;
}

/** The states in any SQL database that Kysely supports. */
export class SqlOAuthStates implements OAuthStates {
  readonly #db: Kysely<Tables>;
  readonly #dialect: StoreDialect;

  constructor(db: Kysely<Tables>, dialect: StoreDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  async save(state: OAuthState): Promise<void> {
    await this.#db.transaction().execute((db) =>
      db
        .insertInto('oauth_states')
        .values({
          state_hash: state.stateHash,
          browser_hash: state.browserHash,
          expires_at: state.expiresAt,
        })
        .execute(),
    );
  }

  async take(stateHash: string): Promise<OAuthState | undefined> {
    const row = await this.#db
      .transaction()
      .execute((db) =>
        db.deleteFrom('oauth_states').where('state_hash', '=', stateHash).returningAll().executeTakeFirst(),
      );
    if (!row) return undefined;
    return { stateHash: row.state_hash, browserHash: row.browser_hash, expiresAt: row.expires_at };
  }

  /**
   * Deletes states that have expired, as many as one step may.
   *
   * @param now by the database's clock, in milliseconds since the epoch
   * @returns how many
   */
  async prune(now: number): Promise<number> {
    const rows = await this.#db.transaction().execute((db) =>
      db
        .deleteFrom('oauth_states')
        .where('state_hash', 'in', (ended) =>
          ended
            .selectFrom('oauth_states')
            .select('state_hash')
            .where('expires_at', '<=', now)
            .limit(stepSize)
            .$if(this.#dialect.locksRows, (query) => query.forUpdate().skipLocked()),
        )
        .returning('state_hash')
        .execute(),
    );
    return rows.length;
  }
}
