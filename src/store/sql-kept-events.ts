import { type Kysely, sql, type Transaction } from 'kysely';
import type {
  EventFilter,
  KeptEvent,
  KeptEvents,
  KeptState,
  QueueLengths,
  Selection,
} from './delivery-queue.ts';
import type { StoreDialect } from './dialect.ts';
import { lowerFirstSeq, raiseFreeFirstSeq } from './first-seq.ts';
import { inSteps, type StepsOptions, stepSize } from './in-steps.ts';
import { foldQueueLengths } from './queue-lengths.ts';
import type { Tables } from './tables.ts';

/** Fewer leave so little behind that the database can take its time to remove it. */
const manyEvents = 10 * stepSize;

/** A delivery that an operation is going to change. */
interface Chosen {
  readonly seq: number;
  readonly workspace: string;
}

/** Finds the events of the next step. In a transaction it locks them, without those that another transaction works on. */
type Find = (db: Kysely<Tables>) => Promise<readonly Chosen[]>;

function seqsOf(chosen: readonly Chosen[]): number[] {
  return chosen.map(({ seq }) => seq);
}

function workspacesOf(chosen: readonly Chosen[]): string[] {
  return [...new Set(chosen.map(({ workspace }) => workspace))];
}

/** The kept events in any SQL database that Kysely supports. */
export class SqlKeptEvents implements KeptEvents {
  protected readonly db: Kysely<Tables>;
  protected readonly dialect: StoreDialect;

  constructor(db: Kysely<Tables>, dialect: StoreDialect) {
    this.db = db;
    this.dialect = dialect;
  }

  async lengths(): Promise<QueueLengths> {
    const counts = await this.db
      .selectFrom('queue_lengths')
      .select(({ fn }) => [fn.sum('waiting').as('waiting'), fn.sum('set_aside').as('setAside')])
      .select(({ fn }) => fn.sum('bytes').as('bytes'))
      .executeTakeFirstOrThrow();
    const oldest = await this.db
      .selectFrom('deliveries')
      .select('waiting_since')
      .where('state', '=', 'waiting')
      .orderBy('waiting_since')
      .limit(1)
      .executeTakeFirst();
    return {
      waiting: Number(counts.waiting),
      setAside: Number(counts.setAside),
      bytes: Number(counts.bytes),
      waitingSince: oldest && Number(oldest.waiting_since),
    };
  }

  async list({ state, type, workspace, limit }: EventFilter): Promise<readonly KeptEvent[]> {
    const isDelivered = state === 'delivered';
    const isOfOneState = state !== undefined && !isDelivered;
    const found = isDelivered ? this.#delivered() : this.#queued(state);
    const rows = await this.db
      .selectFrom(found.as('found'))
      .selectAll()
      .$if(type !== undefined, (query) => query.where('type', '=', type ?? ''))
      .$if(workspace !== undefined, (query) => query.where('workspace', '=', workspace ?? ''))
      // Of one state, in the order of its index, and nothing else: to sort all of them takes seconds.
      .$if(isOfOneState, (query) => query.orderBy('waiting_since'))
      .$if(!isOfOneState, (query) => query.orderBy('seq', isDelivered ? 'desc' : 'asc'))
      .limit(limit)
      .execute();
    return rows.map(
      ({ seq: _, waiting_since: _since, event_id: eventId, received_at: receivedAt, ...row }) => ({
        eventId,
        receivedAt,
        ...row,
        attempts: Number(row.attempts),
      }),
    );
  }

  #queued(state: KeptState | undefined) {
    return (
      this.db
        .selectFrom('deliveries')
        .innerJoin('events', 'events.seq', 'deliveries.seq')
        // Not the events' seq: SQLite would read all delivered events to find the first queued one.
        .select([
          'deliveries.seq',
          'events.event_id',
          'events.workspace',
          'events.type',
          'events.received_at',
        ])
        .select(['deliveries.attempts', 'deliveries.failure', 'deliveries.waiting_since'])
        .select((of) => of.ref('deliveries.state').$castTo<KeptEvent['state']>().as('state'))
        .$if(state !== undefined, (query) => query.where('deliveries.state', '=', state ?? 'waiting'))
    );
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
        .select('events.received_at as waiting_since')
        .select(({ fn }) => fn.max('delivery_attempts.number').as('attempts'))
        .select([sql<string | null>`null`.as('failure'), sql<KeptEvent['state']>`'delivered'`.as('state')])
    );
  }

  async count(selection: Selection): Promise<number> {
    if (selection === 'all-set-aside') return (await this.lengths()).setAside;
    const { count } = await this.#named(this.db, selection.eventIds)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  async retry(selection: Selection, onProgress?: (changed: number) => void): Promise<number> {
    const find = await this.#find(selection);
    return inSteps({ pauseMs: this.dialect.stepPauseMs, onProgress }, async () => {
      const chosen = await find(this.db);
      if (chosen.length === 0) return 0;
      await this.db.transaction().execute(async (db) => {
        // Chosen before: an event that is set aside while this waits for a lock must not be changed without its
        // workspace becoming due.
        await this.makeDue(db, chosen);
        await db
          .updateTable('deliveries')
          .set({
            state: 'waiting',
            attempts: 0,
            rejections: 0,
            failure: null,
            waiting_since: this.dialect.now,
          })
          .where('seq', 'in', seqsOf(chosen))
          .execute();
      });
      return chosen.length;
    });
  }

  async drop(
    selection: Selection,
    onProgress?: (changed: number) => void,
    onVacuum?: () => void,
  ): Promise<number> {
    const { vacuumDeliveries } = this.dialect;
    const dropped = await this.#delete(await this.#find(selection), { onProgress });
    if (vacuumDeliveries && dropped >= manyEvents) {
      onVacuum?.();
      // Otherwise the next list would read the index entries of all that is gone.
      await vacuumDeliveries();
    }
    return dropped;
  }

  async expire(before: { waiting: number; setAside: number }, signal?: AbortSignal): Promise<number> {
    const { locksRows, now, stepPauseMs } = this.dialect;
    await this.#delete(this.#inOrder('set-aside', '<', before.setAside), { signal });
    const find = this.#inOrder('waiting', '<', before.waiting);
    const expired = await inSteps({ pauseMs: stepPauseMs, signal }, async () => {
      const chosen = await this.#changeStep(find, (db, seqs) =>
        db
          .updateTable('deliveries')
          .set({
            state: 'set-aside',
            waiting_since: now,
            failure: sql<string>`coalesce(failure, 'never attempted')`,
          })
          .where('seq', 'in', seqs),
      );
      if (locksRows && chosen.length > 0) await raiseFreeFirstSeq(this.db, workspacesOf(chosen));
      return chosen.length;
    });
    if (locksRows) await foldQueueLengths(this.db);
    return expired;
  }

  #delete(find: Find, options: Omit<StepsOptions, 'pauseMs'>): Promise<number> {
    return inSteps({ ...options, pauseMs: this.dialect.stepPauseMs }, async () => {
      const chosen = await this.#changeStep(find, (db, seqs) =>
        db.deleteFrom('deliveries').where('seq', 'in', seqs),
      );
      return chosen.length;
    });
  }

  /** Changes the events of one step in one transaction. @returns those that it has changed */
  #changeStep(
    find: Find,
    change: (db: Transaction<Tables>, seqs: readonly number[]) => { execute(): Promise<unknown> },
  ): Promise<readonly Chosen[]> {
    return this.db.transaction().execute(async (db) => {
      const chosen = await find(db);
      if (chosen.length > 0) await change(db, seqsOf(chosen)).execute();
      return chosen;
    });
  }

  /** The named events, or those that are set aside by now, but not those that will be meanwhile. */
  async #find(selection: Selection): Promise<Find> {
    if (selection !== 'all-set-aside') return this.#once(selection);
    const last = await this.db
      .selectFrom('deliveries')
      .select('waiting_since')
      .where('state', '=', 'set-aside')
      .orderBy('waiting_since', 'desc')
      .limit(1)
      .executeTakeFirst();
    return this.#inOrder('set-aside', '<=', last?.waiting_since ?? 0);
  }

  /**
   * Finds events of a state, the longest there first, one step after the other. The index of PostgreSQL still has entries
   * of the rows that were changed before. A step begins where the last one began: it reads the entries of the last step,
   * which marks them as dead for all who read the index later, and none of those before, which would take ever longer.
   */
  #inOrder(state: KeptState, until: '<' | '<=', time: number): Find {
    let from: number | undefined;
    return async (db) => {
      const chosen = await db
        .selectFrom('deliveries')
        .select(['seq', 'workspace', 'waiting_since'])
        .where('state', '=', state)
        .where('waiting_since', until, time)
        .$if(from !== undefined, (query) => query.where('waiting_since', '>=', from ?? 0))
        .orderBy('waiting_since')
        .limit(stepSize)
        .$if(this.#locks(db), (query) => query.forUpdate().skipLocked())
        .execute();
      from = chosen[0]?.waiting_since;
      return chosen;
    };
  }

  /** Finds events by their ids, in one step. */
  #once({ eventIds }: { readonly eventIds: readonly string[] }): Find {
    let isDone = false;
    return async (db) => {
      if (isDone) return [];
      isDone = true;
      return this.#named(db, eventIds)
        .select(['seq', 'workspace'])
        .$if(this.#locks(db), (query) => query.forUpdate().skipLocked())
        .execute();
    };
  }

  #locks(db: Kysely<Tables>): boolean {
    return this.dialect.locksRows && db.isTransaction;
  }

  #named(db: Kysely<Tables>, eventIds: readonly string[]) {
    return db
      .selectFrom('deliveries')
      .where('seq', 'in', (of) =>
        of.selectFrom('events').select('events.seq').where('event_id', 'in', eventIds),
      );
  }

  /**
   * Locks the workspaces of some events, and makes them due now.
   *
   * @param dueAt when a workspace that has a row already becomes due
   */
  protected async makeDue(
    db: Transaction<Tables>,
    events: readonly Chosen[],
    dueAt = sql<number>`excluded.due_at`,
  ): Promise<void> {
    const { now } = this.dialect;
    const lowest = new Map<string, number>();
    for (const { workspace, seq } of events) {
      lowest.set(workspace, Math.min(seq, lowest.get(workspace) ?? seq));
    }
    // Always in the same order, so that transactions cannot deadlock.
    const workspaces = workspacesOf(events).sort();
    const row = (workspace: string) => ({
      workspace,
      due_at: now,
      leased_until: 0,
      first_seq: lowest.get(workspace) ?? 0,
    });
    await db
      .insertInto('workspaces')
      .values(workspaces.map(row))
      .onConflict((conflict) =>
        conflict.column('workspace').doUpdateSet({ due_at: dueAt, first_seq: lowerFirstSeq }),
      )
      .execute();
  }
}
