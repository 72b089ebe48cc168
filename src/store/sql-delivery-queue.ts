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
import { FirstEvents } from './first-events.ts';
import { raiseFirstSeq } from './first-seq.ts';
import { GroupCommit } from './group-commit.ts';
import { stepSize } from './in-steps.ts';
import { headersContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import { SqlKeptEvents } from './sql-kept-events.ts';
import type { Tables } from './tables.ts';

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
  readonly sealedHeaders: Uint8Array;
  /** The size of its encrypted body and headers. */
  readonly bytes: number;
}

/** The result of a settlement: the next claim, if there is one. */
type Settled = { readonly next: Claim | undefined };

/** The queue in any SQL database that Kysely supports. A workspace is one row, which is locked, leased and due as a whole. */
export class SqlDeliveryQueue extends SqlKeptEvents implements DeliveryQueue {
  readonly #sealer: Sealer;
  readonly #firstEvents: FirstEvents;
  readonly #settlements: GroupCommit<Settlement, Settled>;

  constructor(db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect) {
    super(db, dialect);
    this.#sealer = sealer;
    this.#firstEvents = new FirstEvents(sealer, dialect);
    this.#settlements = new GroupCommit(
      (settlements) => this.#settleAll(settlements),
      dialect.isDataError,
      () => performance.now(),
    );
  }

  /** Resolves when all pending writes are done. */
  idle(): Promise<void> {
    return this.#settlements.idle();
  }

  /** Encrypts the headers of an event that is going to be queued. */
  seal(eventId: string, headers: DeliveryHeaders): Uint8Array {
    return this.#sealer.seal(Buffer.from(JSON.stringify(headers)), headersContext(eventId));
  }

  /** Queues events that have just been stored. A workspace in which no event was waiting becomes due. */
  async enqueue(db: Transaction<Tables>, stored: readonly Queued[]): Promise<void> {
    if (stored.length === 0) return;
    const rows = stored.map(({ seq, workspace, sealedHeaders, bytes }) => ({
      seq,
      workspace,
      state: 'waiting' as const,
      waiting_since: this.dialect.now,
      attempts: 0,
      rejections: 0,
      failure: null,
      sealed_headers: sealedHeaders,
      bytes,
    }));
    await db.insertInto('deliveries').values(rows).execute();
    const dueAt = sql<number>`coalesce(workspaces.due_at, excluded.due_at)`;
    await this.makeDue(db, stored, dueAt);
  }

  /** Deletes one step of the workspaces in which no event waits. @returns how many */
  pruneWorkspaces(): Promise<number> {
    return this.db.transaction().execute(async (db) => {
      const unused = db
        .selectFrom('workspaces')
        .select('workspace')
        .where('due_at', 'is', null)
        .limit(stepSize);
      const rows = await db
        .deleteFrom('workspaces')
        .where('workspace', 'in', this.dialect.locksRows ? unused.forUpdate().skipLocked() : unused)
        .returning('workspace')
        .execute();
      return rows.length;
    });
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
      if (locksRows) {
        await raiseFirstSeq(
          db,
          claimed.map(({ workspace }) => workspace),
        );
      }
      return this.#firstEvents.nextOf(
        db,
        claimed.map(({ workspace }) => ({ workspace, lease })),
      );
    });
  }

  async settle(claim: Claim, result: AttemptResult, leaseMs: number): Promise<Claim | undefined> {
    return (await this.#settlements.add({ claim, result, leaseMs })).next;
  }

  /** Takes the same number of round trips for any number of settlements: only two statements return rows. */
  #settleAll(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    return this.db.transaction().execute(async (db) => {
      const held = await this.#lockHeld(
        db,
        settlements.map(({ claim }) => claim),
      );
      const ready = settlements.filter(({ claim, result }) => held.has(claim) && !waits(result));
      // A delivered event is done, even if another process holds the lease by now. Any other result counts only while the lease is held.
      const delivered = settlements.filter(({ result }) => result.kind === 'delivered');
      await this.#recordDelivered(
        db,
        delivered.map(({ claim }) => claim.delivery),
      );
      await this.#renewLeases(db, ready);
      for (const { claim, result } of settlements) {
        if (held.has(claim) && result.kind !== 'delivered') await this.#recordFailure(db, claim, result);
      }
      const next = await this.#firstEvents.nextOf(
        db,
        ready.map(({ claim }) => claim),
      );
      return settlements.map((settlement) => ({
        next: ready.includes(settlement)
          ? next.find(({ workspace }) => workspace === settlement.claim.workspace)
          : undefined,
      }));
    });
  }

  /**
   * Locks the workspaces of some claims, in the order in which `enqueue` locks them.
   *
   * @returns the claims whose lease is still held
   */
  async #lockHeld(db: Transaction<Tables>, claims: readonly Claim[]): Promise<ReadonlySet<Claim>> {
    const names = claims.map(({ workspace }) => workspace);
    const rows = await db
      .selectFrom('workspaces')
      .select(['workspace', 'lease'])
      .where('workspace', 'in', names)
      .$if(this.dialect.locksRows, (query) => query.orderBy(sql`workspace collate "C"`).forUpdate())
      .execute();
    const leases = new Map(rows.map(({ workspace, lease }) => [workspace, lease]));
    return new Set(claims.filter(({ workspace, lease }) => leases.get(workspace) === lease));
  }

  async #recordDelivered(db: Transaction<Tables>, deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const seqs = deliveries.map(({ seq }) => seq);
    await db.deleteFrom('deliveries').where('seq', 'in', seqs).execute();
    await this.#remember(db, deliveries, null);
  }

  /** Extends the leases of workspaces that are delivered to next. */
  async #renewLeases(db: Transaction<Tables>, settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    const leaseMs = Math.max(...settlements.map((settlement) => settlement.leaseMs));
    const names = settlements.map(({ claim }) => claim.workspace);
    await db
      .updateTable('workspaces')
      .set({ leased_until: sql<number>`${this.dialect.now} + ${leaseMs}` })
      .where('workspace', 'in', names)
      .execute();
  }

  async #recordFailure(
    db: Transaction<Tables>,
    { workspace, delivery }: Claim,
    result: Exclude<AttemptResult, { readonly kind: 'delivered' }>,
  ): Promise<void> {
    const { now } = this.dialect;
    if (waits(result)) {
      await db
        .updateTable('workspaces')
        .set({ due_at: sql<number>`${now} + ${result.afterMs}`, leased_until: 0, lease: null })
        .where('workspace', '=', workspace)
        .execute();
    }
    if (result.kind === 'not-attempted') return;
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
    await this.#remember(db, [delivery], result.failure);
  }

  /** Remembers attempts, and forgets those before the last {@link maxRememberedAttempts} of an event. */
  async #remember(
    db: Transaction<Tables>,
    deliveries: readonly Delivery[],
    failure: string | null,
  ): Promise<void> {
    // An event is there twice if two claims of it are settled at once: that is one attempt more to remember.
    const seqs = [...new Set(deliveries.map(({ seq }) => seq))];
    const rows = await db
      .insertInto('delivery_attempts')
      .values(seqs.map((seq) => ({ seq, number: nextNumber(seq), at: this.dialect.now, failure })))
      .returning(['seq', 'number'])
      .execute();
    for (const { seq, number } of rows) {
      if (number <= maxRememberedAttempts) continue;
      await db
        .deleteFrom('delivery_attempts')
        .where('seq', '=', seq)
        .where('number', '=', number - maxRememberedAttempts)
        .execute();
    }
  }
}

/** Counts on where `attempts` of a delivery begins anew: after a retry by an operator, and after a resend. */
function nextNumber(seq: number) {
  return sql<number>`(select coalesce(max(number), 0) + 1 from delivery_attempts where seq = ${seq})`;
}

/** Whether the workspace waits before its next attempt. */
function waits(result: AttemptResult): result is Extract<AttemptResult, { readonly afterMs: number }> {
  return result.kind === 'retry' || result.kind === 'not-attempted';
}
