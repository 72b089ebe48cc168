import { type AliasedExpression, type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
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
import { eventsOf } from './workspace-events.ts';

/** Fewer leave so little behind that the database can take its time to remove it. */
const manyEvents = 10 * stepSize;

/** A delivery that an operation is going to change. */
interface Chosen {
  readonly seq: number;
  readonly workspace: string;
}

/** Finds the events of the next step. In a transaction it locks them, without those that another transaction works on. */
type Find = (db: Kysely<Tables>) => Promise<readonly Chosen[]>;

/** An event of a list, without what its row in `events` holds. */
interface Listed {
  readonly seq: number;
  /** By which the list is ordered. */
  readonly place: number;
  readonly state: KeptEvent['state'];
  readonly attempts: number;
  readonly failure: string | null;
}

type Found = AliasedExpression<Listed, 'found'>;

/** What the event of a row holds. A subquery in a condition, unlike a join, is not where a plan can begin. */
function ofEvent(column: 'type' | 'workspace', table: 'deliveries' | 'success') {
  return sql<string>`(select ${sql.ref(column)} from events where events.seq = ${sql.ref(`${table}.seq`)})`;
}

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

  async list(filter: EventFilter): Promise<readonly KeptEvent[]> {
    const { state, limit } = filter;
    const found = state === 'delivered' ? this.#delivered(filter) : this.#queued(state, filter);
    const rows = await this.db
      .selectFrom(found)
      .innerJoin('events', 'events.seq', 'found.seq')
      .select(['events.event_id as eventId', 'events.workspace', 'events.type'])
      .select(['events.received_at as receivedAt', 'found.seq', 'found.place'])
      .select(['found.state', 'found.attempts', 'found.failure'])
      .execute();
    rows.sort((one, other) => one.place - other.place || one.seq - other.seq);
    return rows
      .slice(0, limit)
      .map(({ seq: _, place: _place, ...row }) => ({ ...row, attempts: Number(row.attempts) }));
  }

  /** Finds the first events in the order of an index. They are joined later: the planner might begin with all events. */
  #queued(state: KeptState | undefined, { type, workspace, limit }: EventFilter): Found {
    const first = (
      queued: SelectQueryBuilder<Tables, 'deliveries', object>,
      place: 'seq' | 'waiting_since',
    ) =>
      queued
        .select(['deliveries.seq', `deliveries.${place} as place`, 'state', 'attempts', 'failure'])
        .$if(type !== undefined, (query) => query.where(ofEvent('type', 'deliveries'), '=', type ?? ''))
        .limit(limit)
        .as('found');
    const queued = this.db.selectFrom('deliveries');
    if (workspace !== undefined) {
      const of = (one: KeptState) => first(eventsOf(this.db, workspace, one), 'seq');
      if (state !== undefined) return of(state);
      const all = (one: KeptState) => this.db.selectFrom(of(one)).selectAll();
      return all('waiting').unionAll(all('set-aside')).as('found');
    }
    if (state === undefined) return first(queued.orderBy('seq'), 'seq');
    return first(queued.where('state', '=', state).orderBy('waiting_since'), 'waiting_since');
  }

  /**
   * Finds the events that were delivered last, by the last attempt of each that succeeded. It begins with the attempts, since
   * during an outage all of the last events wait.
   */
  #delivered({ type, workspace, limit }: EventFilter): Found {
    const only = (column: 'type' | 'workspace', value: string | undefined) =>
      value === undefined ? sql`` : sql`and ${ofEvent(column, 'success')} = ${value}`;
    return sql<Listed>`(
      select seq, -seq as place, 'delivered' as state, failure,
        (select max(number) from delivery_attempts where seq = success.seq) as attempts
      from delivery_attempts as success
      where failure is null
        and number = (select max(number) from delivery_attempts where seq = success.seq and failure is null)
        and (select seq from deliveries where seq = success.seq) is null
        ${only('type', type)} ${only('workspace', workspace)}
      order by seq desc limit ${limit}
    )`.as('found');
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
