import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { KeptEvent, KeptEvents, KeptState, QueueLengths, Selection } from './delivery-queue.ts';
import type { StoreDialect } from './dialect.ts';
import { inSteps, stepSize } from './in-steps.ts';
import type { Tables } from './tables.ts';

/** A query for rows of `deliveries`. */
type Found = SelectQueryBuilder<Tables, 'deliveries', { seq: number }>;

/** The kept events in any SQL database that Kysely supports. */
export class SqlKeptEvents implements KeptEvents {
  protected readonly db: Kysely<Tables>;
  protected readonly dialect: StoreDialect;

  constructor(db: Kysely<Tables>, dialect: StoreDialect) {
    this.db = db;
    this.dialect = dialect;
  }

  async lengths(): Promise<QueueLengths> {
    const rows = await this.db
      .selectFrom('deliveries')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.min('waiting_since').as('since')])
      .groupBy('state')
      .execute();
    const of = (state: KeptState) => rows.find((row) => row.state === state);
    const since = of('waiting')?.since;
    return {
      waiting: Number(of('waiting')?.count ?? 0),
      setAside: Number(of('set-aside')?.count ?? 0),
      waitingSince: since === undefined ? undefined : Number(since),
    };
  }

  async list({
    state,
    limit,
  }: {
    state?: KeptState | undefined;
    limit: number;
  }): Promise<readonly KeptEvent[]> {
    let query = this.db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.seq')
      .select(['events.event_id', 'events.workspace', 'events.type', 'events.received_at'])
      .select(['deliveries.state', 'deliveries.attempts', 'deliveries.failure'])
      .orderBy('deliveries.seq')
      .limit(limit);
    if (state !== undefined) query = query.where('deliveries.state', '=', state);
    const rows = await query.execute();
    return rows.map(({ event_id: eventId, received_at: receivedAt, ...row }) => ({
      eventId,
      receivedAt,
      ...row,
    }));
  }

  async count(selection: Selection): Promise<number> {
    const { count } = await this.#kept(this.db, selection)
      .clearSelect()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  async retry(selection: Selection): Promise<number> {
    let retried = 0;
    // Events that are set aside again meanwhile have a lower number, so that they are not found twice.
    let after = 0;
    await inSteps(() =>
      this.db.transaction().execute(async (db) => {
        // Read only once: an event that is set aside while this waits for a lock must not be changed without its
        // workspace becoming due.
        const chosen = await this.#kept(db, selection)
          .select('workspace')
          .where('seq', '>', after)
          .orderBy('seq')
          .limit(stepSize)
          .execute();
        if (chosen.length === 0) return 0;
        await this.makeDue(db, chosen);
        const seqs = chosen.map(({ seq }) => seq);
        const rows = await db
          .updateTable('deliveries')
          .set({
            state: 'waiting',
            attempts: 0,
            rejections: 0,
            failure: null,
            waiting_since: this.dialect.now,
          })
          .where('seq', 'in', seqs)
          .returning('seq')
          .execute();
        retried += rows.length;
        after = seqs.at(-1) ?? after;
        return chosen.length;
      }),
    );
    return retried;
  }

  drop(selection: Selection): Promise<number> {
    return inSteps(() => this.#delete((db) => this.#kept(db, selection)));
  }

  #kept(db: Kysely<Tables>, selection: Selection) {
    const kept = db.selectFrom('deliveries').select('seq');
    if (selection === 'all-set-aside') return kept.where('state', '=', 'set-aside');
    return kept.where('seq', 'in', (of) =>
      of.selectFrom('events').select('events.seq').where('event_id', 'in', selection.eventIds),
    );
  }

  async expire(before: { waiting: number; setAside: number }): Promise<number> {
    await inSteps(() =>
      this.#delete((db) => this.#kept(db, 'all-set-aside').where('waiting_since', '<', before.setAside)),
    );
    return inSteps(() =>
      this.db.transaction().execute(async (db) => {
        const old = db
          .selectFrom('deliveries')
          .select('seq')
          .where('state', '=', 'waiting')
          .where('waiting_since', '<', before.waiting);
        const rows = await db
          .updateTable('deliveries')
          .set({ state: 'set-aside', failure: sql<string>`coalesce(failure, 'never attempted')` })
          .where('seq', 'in', this.#step(old))
          .returning('seq')
          .execute();
        return rows.length;
      }),
    );
  }

  /** Deletes one step of the deliveries that a query finds. */
  #delete(find: (db: Kysely<Tables>) => Found): Promise<number> {
    return this.db.transaction().execute(async (db) => {
      const rows = await db
        .deleteFrom('deliveries')
        .where('seq', 'in', this.#step(find(db)))
        .returning('seq')
        .execute();
      return rows.length;
    });
  }

  /** At most {@link stepSize} rows of a query, without those that another transaction works on. */
  #step(found: Found): Found {
    const some = found.limit(stepSize);
    return this.dialect.locksRows ? some.forUpdate().skipLocked() : some;
  }

  /**
   * Locks the workspaces of some events, and makes them due now.
   *
   * @param dueAt when a workspace that has a row already becomes due
   */
  protected async makeDue(
    db: Transaction<Tables>,
    events: readonly { readonly workspace: string }[],
    dueAt = sql<number>`excluded.due_at`,
  ): Promise<void> {
    const { now } = this.dialect;
    // Always in the same order, so that transactions cannot deadlock.
    const workspaces = [...new Set(events.map(({ workspace }) => workspace))].sort();
    await db
      .insertInto('workspaces')
      .values(workspaces.map((workspace) => ({ workspace, due_at: now, leased_until: 0 })))
      .onConflict((conflict) => conflict.column('workspace').doUpdateSet({ due_at: dueAt }))
      .execute();
  }
}
