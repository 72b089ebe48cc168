import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type {
  EventFilter,
  KeptEvent,
  KeptEvents,
  KeptState,
  QueueLengths,
  Selection,
} from './delivery-queue.ts';
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

  async list({ state, type, workspace, limit }: EventFilter): Promise<readonly KeptEvent[]> {
    const isDelivered = state === 'delivered';
    const found = isDelivered ? this.#delivered() : this.#queued(state);
    const rows = await this.db
      .selectFrom(found.as('found'))
      .selectAll()
      .$if(type !== undefined, (query) => query.where('type', '=', type ?? ''))
      .$if(workspace !== undefined, (query) => query.where('workspace', '=', workspace ?? ''))
      .orderBy('seq', isDelivered ? 'desc' : 'asc')
      .limit(limit)
      .execute();
    return rows.map(({ seq: _, event_id: eventId, received_at: receivedAt, ...row }) => ({
      eventId,
      receivedAt,
      ...row,
      attempts: Number(row.attempts),
    }));
  }

  #queued(state: KeptState | undefined) {
    return this.db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.seq')
      .select(['events.seq', 'events.event_id', 'events.workspace', 'events.type', 'events.received_at'])
      .select(['deliveries.attempts', 'deliveries.failure'])
      .select((of) => of.ref('deliveries.state').$castTo<KeptEvent['state']>().as('state'))
      .$if(state !== undefined, (query) => query.where('deliveries.state', '=', state ?? 'waiting'));
  }

  #delivered() {
    return (
      this.db
        .selectFrom('events')
        .innerJoin('delivery_attempts', 'delivery_attempts.seq', 'events.seq')
        .where('events.seq', 'not in', (queued) => queued.selectFrom('deliveries').select('seq'))
        .groupBy(['events.seq', 'events.event_id', 'events.workspace', 'events.type', 'events.received_at'])
        // Null only for the attempt that succeeded.
        .having(({ eb, fn }) => eb(fn.count('delivery_attempts.failure'), '<', fn.countAll<number>()))
        .select(['events.seq', 'events.event_id', 'events.workspace', 'events.type', 'events.received_at'])
        .select(({ fn }) => fn.max('delivery_attempts.number').as('attempts'))
        .select([sql<string | null>`null`.as('failure'), sql<KeptEvent['state']>`'delivered'`.as('state')])
    );
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
          .set({
            state: 'set-aside',
            waiting_since: this.dialect.now,
            failure: sql<string>`coalesce(failure, 'never attempted')`,
          })
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
