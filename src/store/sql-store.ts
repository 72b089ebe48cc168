import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { takeTurnToSeal } from './encryption-key.ts';
import { GroupCommit } from './group-commit.ts';
import { SqlHandledRequests } from './handled-requests.ts';
import { inSteps, stepSize } from './in-steps.ts';
import { endInstallation, SqlInstallations } from './installations.ts';
import { type RotationCounts, rotateKey } from './key-rotation.ts';
import { SqlOAuthStates } from './oauth-states.ts';
import { queueSize } from './queue-lengths.ts';
import { QueueRoom } from './queue-room.ts';
import { bodyContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import { SqlSocketReplicas } from './socket-replicas.ts';
import { type Queued, SqlDeliveryQueue } from './sql-delivery-queue.ts';
import { SqlStoredEvents } from './sql-stored-events.ts';
import type { ReceivedEvent, RecordResult, Store } from './store.ts';
import type { Tables } from './tables.ts';

/** As large as a large event of Slack's, so that a disk with no room for those fails the check. */
const probeBody = new Uint8Array(16 * 1024);

/** The store in any SQL database that Kysely supports. */
export class SqlStore implements Store {
  readonly location: string;
  readonly warning: string | undefined;
  readonly #db: Kysely<Tables>;
  readonly #sealer: Sealer;
  readonly #dialect: StoreDialect;
  readonly #received: GroupCommit<ReceivedEvent, RecordResult>;
  readonly deliveries: SqlDeliveryQueue;
  readonly events: SqlStoredEvents;
  readonly installations: SqlInstallations;
  readonly oauthStates: SqlOAuthStates;
  readonly socketReplicas: SqlSocketReplicas;
  readonly handledRequests: SqlHandledRequests | undefined;
  readonly isShared: boolean;

  /**
   * @param db is migrated; the store closes it
   * @param warning what the operator should know about the connection
   */
  constructor(location: string, db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect, warning?: string) {
    this.location = location;
    this.warning = warning;
    this.#db = db;
    this.#sealer = sealer;
    this.#dialect = dialect;
    this.isShared = dialect.isShared;
    this.deliveries = new SqlDeliveryQueue(db, sealer, dialect);
    this.events = new SqlStoredEvents(db, sealer, dialect, this.deliveries);
    this.installations = new SqlInstallations(db, sealer, dialect);
    this.oauthStates = new SqlOAuthStates(db, dialect);
    this.socketReplicas = new SqlSocketReplicas(db, dialect);
    this.handledRequests = dialect.isShared ? new SqlHandledRequests(db, sealer, dialect) : undefined;
    this.#received = new GroupCommit(
      (events) => this.#insertEvents(events),
      dialect.isDataError,
      () => performance.now(),
    );
  }

  recordEvent(event: ReceivedEvent, timeLimit?: number): Promise<RecordResult> {
    return this.#received.add(event, timeLimit);
  }

  async #insertEvents(events: readonly ReceivedEvent[]): Promise<RecordResult[]> {
    return this.#write(async (db) => {
      await takeTurnToSeal(db, this.#dialect, this.#sealer);
      const sealed = events.map((event) => ({
        ...event,
        body: this.#sealer.seal(event.body, bodyContext(event.eventId)),
        headers: event.delivery && this.deliveries.seal(event.eventId, event.delivery),
      }));
      const rows = sealed.map(({ eventId, workspace, type, body }) => ({
        event_id: eventId,
        workspace,
        type,
        received_at: this.#dialect.now,
        sealed_body: body,
      }));
      const inserted = await db
        .insertInto('events')
        .values(rows)
        .onConflict((conflict) => conflict.column('event_id').doNothing())
        .returning(['event_id', 'seq'])
        .returning(queueSize)
        .execute();
      const fresh = new Map(inserted.map((row) => [row.event_id, row.seq]));
      const room = new QueueRoom(inserted[0]);
      const outcomes: RecordResult[] = [];
      const queued: Queued[] = [];
      const refused: number[] = [];
      for (const event of sealed) {
        const seq = fresh.get(event.eventId);
        // A group may contain the same event twice: the first one has got the row.
        fresh.delete(event.eventId);
        if (seq === undefined) {
          outcomes.push('known');
          continue;
        }
        const { headers: sealedHeaders } = event;
        if (sealedHeaders) {
          const bytes = event.body.length + sealedHeaders.length;
          if (!room.admits(bytes, event.queueLimit)) {
            outcomes.push('queue-full');
            refused.push(seq);
            continue;
          }
          queued.push({ ...event, seq, sealedHeaders, bytes });
        }
        outcomes.push('stored');
        if (event.ends) await endInstallation(db, event.ends);
      }
      if (refused.length > 0) await db.deleteFrom('events').where('seq', 'in', refused).execute();
      await this.deliveries.enqueue(db, queued);
      return outcomes;
    });
  }

  async check(): Promise<void> {
    const id = `check-${randomUUID()}`;
    await this.#write(async (db) => {
      const probe = { event_id: id, workspace: '', type: 'check', sealed_body: probeBody };
      await db
        .insertInto('events')
        .values({ ...probe, received_at: this.#dialect.now })
        .execute();
      await db.deleteFrom('events').where('event_id', '=', id).execute();
    });
  }

  async readClock(): Promise<number> {
    const { time } = await this.#db.selectNoFrom(this.#dialect.now.as('time')).executeTakeFirstOrThrow();
    return time;
  }

  async prune(
    times: { readonly eventsBefore: number; readonly now: number },
    signal?: AbortSignal,
  ): Promise<void> {
    const steps = { pauseMs: this.#dialect.stepPauseMs, signal };
    await inSteps(steps, () => this.oauthStates.prune(times.now));
    await inSteps(steps, async () => (await this.handledRequests?.prune()) ?? 0);
    // Each step starts where the last one ended, so that events that are still to be forwarded are read only once.
    let last = { received_at: 0, seq: 0 };
    await inSteps(steps, () =>
      this.#write(async (db) => {
        const old = await db
          .selectFrom('events')
          .select(['received_at', 'seq'])
          .where('received_at', '<', times.eventsBefore)
          .where(({ eb, refTuple, tuple }) =>
            eb(refTuple('received_at', 'seq'), '>', tuple(last.received_at, last.seq)),
          )
          .orderBy('received_at')
          .orderBy('seq')
          .limit(stepSize)
          .execute();
        if (old.length === 0) return 0;
        const seqs = old.map(({ seq }) => seq);
        for (const table of ['events', 'delivery_attempts'] as const) {
          await db
            .deleteFrom(table)
            .where('seq', 'in', seqs)
            .where('seq', 'not in', (kept) =>
              kept.selectFrom('deliveries').select('seq').where('seq', 'in', seqs),
            )
            .execute();
        }
        last = old.at(-1) ?? last;
        return old.length;
      }),
    );
    await inSteps(steps, () => this.deliveries.pruneWorkspaces());
    await this.socketReplicas.prune();
  }

  get usesPreviousKey(): boolean {
    return this.#sealer.usesPreviousKey;
  }

  rotateKey(onProgress: (counts: Readonly<RotationCounts>) => void): Promise<RotationCounts> {
    return rotateKey(this.#db, this.#sealer, this.#dialect, onProgress);
  }

  async close(): Promise<void> {
    await this.#received.idle();
    await this.deliveries.idle();
    await this.#db.destroy();
  }

  #write<Result>(work: (db: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(work);
  }
}
