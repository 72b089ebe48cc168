import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import {
  type AttemptResult,
  type Claim,
  type Delivery,
  type DeliveryHeaders,
  type DeliveryQueue,
  maxBackoffMs,
  maxRememberedAttempts,
} from './delivery-queue.ts';
import type { StoreDialect } from './dialect.ts';
import { GroupCommit } from './group-commit.ts';
import { bodyContext, headersContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import { SqlKeptEvents } from './sql-kept-events.ts';
import type { Tables } from './tables.ts';

/** How many events that cannot be decrypted one claim of their workspace sets aside. */
const maxUnreadable = 100;

interface Settlement {
  readonly claim: Claim;
  readonly result: AttemptResult;
  readonly leaseMs: number;
}

/** An event that has just been stored. */
export interface Queued {
  readonly seq: number;
  readonly eventId: string;
  readonly workspace: string;
  readonly headers: DeliveryHeaders;
}

/** The result of a settlement: the next claim, if there is one. */
type Settled = { readonly next: Claim | undefined };

/** The queue in any SQL database that Kysely supports. A workspace is one row, which is locked, leased and due as a whole. */
export class SqlDeliveryQueue extends SqlKeptEvents implements DeliveryQueue {
  readonly #sealer: Sealer;
  readonly #settlements: GroupCommit<Settlement, Settled>;

  constructor(db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect) {
    super(db, dialect);
    this.#sealer = sealer;
    this.#settlements = new GroupCommit((settlements) => this.#settleAll(settlements));
  }

  /** Resolves when all pending writes are done. */
  idle(): Promise<void> {
    return this.#settlements.idle();
  }

  /** Queues events that have just been stored. A workspace in which no event was waiting becomes due. */
  async enqueue(db: Transaction<Tables>, stored: readonly Queued[]): Promise<void> {
    if (stored.length === 0) return;
    const rows = stored.map(({ seq, eventId, workspace, headers }) => ({
      seq,
      workspace,
      state: 'waiting' as const,
      waiting_since: this.dialect.now,
      attempts: 0,
      rejections: 0,
      failure: null,
      sealed_headers: this.#sealer.seal(Buffer.from(JSON.stringify(headers)), headersContext(eventId)),
    }));
    await db.insertInto('deliveries').values(rows).execute();
    const dueAt = sql<number>`coalesce(workspaces.due_at, excluded.due_at)`;
    await this.makeDue(db, stored, dueAt);
  }

  async claim(limit: number, leaseMs: number): Promise<readonly Claim[]> {
    const { now, locksRows } = this.dialect;
    const lease = randomUUID();
    return this.db.transaction().execute(async (db) => {
      const leasedUntil = sql<number>`${now} + ${leaseMs}`;
      // A longer lease means that the clock was set back: its holder gets a whole lease from now on.
      const beyond = db.selectFrom('workspaces').select('workspace').where('leased_until', '>', leasedUntil);
      await db
        .updateTable('workspaces')
        .set({ leased_until: leasedUntil })
        .where('workspace', 'in', locksRows ? beyond.forUpdate().skipLocked() : beyond)
        .execute();
      const due = db
        .selectFrom('workspaces')
        .select('workspace')
        .where(({ or, eb }) =>
          or([eb('due_at', '<=', now), eb('due_at', '>', sql<number>`${now} + ${maxBackoffMs}`)]),
        )
        .where('leased_until', '<=', now)
        .orderBy('due_at')
        .limit(limit);
      const claimed = await db
        .updateTable('workspaces')
        .set({ lease, leased_until: leasedUntil })
        .where('workspace', 'in', locksRows ? due.forUpdate().skipLocked() : due)
        .returning('workspace')
        .execute();
      const claims: Claim[] = [];
      for (const { workspace } of claimed) {
        const claim = await this.#next(db, workspace, lease);
        if (claim) claims.push(claim);
      }
      return claims;
    });
  }

  async settle(claim: Claim, result: AttemptResult, leaseMs: number): Promise<Claim | undefined> {
    return (await this.#settlements.add({ claim, result, leaseMs })).next;
  }

  #settleAll(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    return this.db.transaction().execute(async (db) => {
      const results = new Map<Settlement, Settled>();
      // `enqueue` locks workspaces in the same order.
      const ordered = [...settlements].sort((one, other) =>
        one.claim.workspace < other.claim.workspace ? -1 : 1,
      );
      for (const settlement of ordered) results.set(settlement, await this.#settleOne(db, settlement));
      return settlements.flatMap((settlement) => results.get(settlement) ?? []);
    });
  }

  async #settleOne(db: Transaction<Tables>, { claim, result, leaseMs }: Settlement): Promise<Settled> {
    const { workspace, lease, delivery } = claim;
    const { now } = this.dialect;
    const waits = result.kind === 'retry' || result.kind === 'not-attempted';
    const held = await db
      .updateTable('workspaces')
      .set(
        waits
          ? { due_at: sql<number>`${now} + ${result.afterMs}`, leased_until: 0, lease: null }
          : { leased_until: sql<number>`${now} + ${leaseMs}` },
      )
      .where('workspace', '=', workspace)
      .where('lease', '=', lease)
      .returning('workspace')
      .executeTakeFirst();
    // A delivered event is done, even if another process holds the lease by now. Any other result counts only while the lease is held.
    if (result.kind === 'delivered') {
      await db.deleteFrom('deliveries').where('seq', '=', delivery.seq).execute();
      await this.#remember(db, delivery, null);
    }
    if (!held) return { next: undefined };
    if (result.kind === 'retry' || result.kind === 'set-aside') {
      const rejected = result.kind === 'set-aside' || result.rejected;
      await db
        .updateTable('deliveries')
        .set({
          attempts: delivery.attempts + 1,
          rejections: delivery.rejections + (rejected ? 1 : 0),
          failure: result.failure,
          // Otherwise the state stays: it may have been set aside meanwhile, because of its age.
          ...(result.kind === 'set-aside' ? { state: result.kind, waiting_since: now } : {}),
        })
        .where('seq', '=', delivery.seq)
        .execute();
      await this.#remember(db, delivery, result.failure);
    }
    return { next: waits ? undefined : await this.#next(db, workspace, lease) };
  }

  /** Remembers an attempt, and forgets those before the last {@link maxRememberedAttempts}. */
  async #remember(db: Transaction<Tables>, { seq, attempts }: Delivery, failure: string | null) {
    const number = attempts + 1;
    const values = { at: this.dialect.now, failure };
    await db
      .insertInto('delivery_attempts')
      .values({ seq, number, ...values })
      .onConflict((conflict) => conflict.columns(['seq', 'number']).doUpdateSet(values))
      .execute();
    if (number <= maxRememberedAttempts) return;
    await db
      .deleteFrom('delivery_attempts')
      .where('seq', '=', seq)
      .where('number', '=', number - maxRememberedAttempts)
      .execute();
  }

  /**
   * Claims the first event that waits in a workspace whose row is locked. If there is none, the lease ends. Events that
   * cannot be decrypted are set aside.
   *
   * @param limit how many events to read. If none of them can be decrypted, a second step reads {@link maxUnreadable};
   *   a later claim reads the rest, since other transactions wait for this one
   */
  async #next(
    db: Transaction<Tables>,
    workspace: string,
    lease: string,
    limit: 1 | typeof maxUnreadable = 1,
  ): Promise<Claim | undefined> {
    const rows = await db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.seq')
      .select(['events.seq', 'events.event_id', 'events.type', 'events.sealed_body'])
      .select(['deliveries.attempts', 'deliveries.rejections', 'deliveries.sealed_headers'])
      .where('deliveries.workspace', '=', workspace)
      .where('deliveries.state', '=', 'waiting')
      .orderBy('deliveries.seq')
      .limit(limit)
      .execute();
    const unreadable: number[] = [];
    let claim: Claim | undefined;
    for (const row of rows) {
      const content = this.#open(row);
      if (content) {
        const { seq, event_id: eventId, type, attempts, rejections } = row;
        claim = { workspace, lease, delivery: { seq, eventId, type, ...content, attempts, rejections } };
        break;
      }
      unreadable.push(row.seq);
    }
    if (unreadable.length > 0) {
      await db
        .updateTable('deliveries')
        .set({
          state: 'set-aside',
          waiting_since: this.dialect.now,
          failure: 'encrypted with another key, or changed in the database',
        })
        .where('seq', 'in', unreadable)
        .execute();
    }
    if (claim) return claim;
    const mayBeMore = rows.length === limit;
    if (mayBeMore && limit === 1) return this.#next(db, workspace, lease, maxUnreadable);
    await db
      .updateTable('workspaces')
      .set({ due_at: mayBeMore ? this.dialect.now : null, leased_until: 0, lease: null })
      .where('workspace', '=', workspace)
      .execute();
    return undefined;
  }

  /** @returns undefined if a value cannot be decrypted: one event must not block all others */
  #open(row: {
    readonly event_id: string;
    readonly sealed_body: Uint8Array;
    readonly sealed_headers: Uint8Array;
  }): Pick<Delivery, 'body' | 'headers'> | undefined {
    try {
      const headers = this.#sealer.open(row.sealed_headers, headersContext(row.event_id));
      return {
        body: this.#sealer.open(row.sealed_body, bodyContext(row.event_id)),
        // Only this class seals this value, always from DeliveryHeaders.
        headers: JSON.parse(headers.toString()),
      };
    } catch {
      return undefined;
    }
  }
}
