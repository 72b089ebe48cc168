import { type Kysely, sql } from 'kysely';
import type { DeliveryHeaders } from './delivery-queue.ts';
import type { StoreDialect } from './dialect.ts';
import { takeTurnToSeal } from './encryption-key.ts';
import { bodyContext, headersContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import type { SqlDeliveryQueue } from './sql-delivery-queue.ts';
import type { ResendResult, StoredEvent, StoredEvents } from './stored-events.ts';
import type { Tables } from './tables.ts';

/** The stored events in any SQL database that Kysely supports. */
export class SqlStoredEvents implements StoredEvents {
  readonly #db: Kysely<Tables>;
  readonly #sealer: Sealer;
  readonly #dialect: StoreDialect;
  readonly #queue: SqlDeliveryQueue;

  constructor(db: Kysely<Tables>, sealer: Sealer, dialect: StoreDialect, queue: SqlDeliveryQueue) {
    this.#db = db;
    this.#sealer = sealer;
    this.#dialect = dialect;
    this.#queue = queue;
  }

  async find(eventId: string): Promise<StoredEvent | undefined> {
    const row = await this.#db
      .selectFrom('events')
      .leftJoin('deliveries', 'deliveries.seq', 'events.seq')
      .select(['events.seq', 'events.workspace', 'events.type', 'events.received_at', 'events.sealed_body'])
      .select(['deliveries.state', 'deliveries.sealed_headers'])
      .where('events.event_id', '=', eventId)
      .executeTakeFirst();
    if (!row) return undefined;
    const attempts = await this.#db
      .selectFrom('delivery_attempts')
      .select(['at', 'failure'])
      .where('seq', '=', row.seq)
      .orderBy('number')
      .execute();
    const isDelivered = attempts.some(({ failure }) => failure === null);
    const headers = row.sealed_headers && this.#open(row.sealed_headers, headersContext(eventId));
    return {
      eventId,
      workspace: row.workspace,
      type: row.type,
      state: row.state ?? (isDelivered ? 'delivered' : 'not-queued'),
      receivedAt: row.received_at,
      attempts,
      // Only the queue seals this value, always from DeliveryHeaders.
      headers: headers ? JSON.parse(headers.toString()) : undefined,
      body: this.#open(row.sealed_body, bodyContext(eventId)),
    };
  }

  resend(eventId: string, headers: DeliveryHeaders): Promise<ResendResult> {
    return this.#db.transaction().execute(async (db) => {
      // Resending and storing an event take turns, so that an event cannot be queued twice at once.
      await takeTurnToSeal(db, this.#dialect, this.#sealer);
      const event = await db
        .selectFrom('events')
        .leftJoin('deliveries', 'deliveries.seq', 'events.seq')
        .select(['events.seq', 'events.workspace', 'deliveries.state'])
        .select(sql<number>`length(events.sealed_body)`.as('bodyBytes'))
        .where('events.event_id', '=', eventId)
        .executeTakeFirst();
      if (!event) return 'unknown';
      if (event.state !== null) return 'queued';
      const { seq, workspace, bodyBytes } = event;
      const sealedHeaders = this.#queue.seal(eventId, headers);
      const bytes = bodyBytes + sealedHeaders.length;
      await this.#queue.enqueue(db, [{ seq, eventId, workspace, sealedHeaders, bytes }]);
      return 'resent';
    });
  }

  #open(sealed: Uint8Array, context: string): Buffer | undefined {
    try {
      return this.#sealer.open(sealed, context);
    } catch {
      return undefined;
    }
  }
}
