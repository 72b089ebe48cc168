import type { Selectable, Transaction } from 'kysely';
import type { Claim, Delivery } from './delivery-queue.ts';
import type { StoreDialect } from './dialect.ts';
import { bodyContext, headersContext } from './sealed-contexts.ts';
import type { Sealer } from './sealer.ts';
import type { Tables } from './tables.ts';
import { eventsOf, firstWaiting } from './workspace-events.ts';

/** How many events that cannot be decrypted one claim of their workspace sets aside. */
const maxUnreadable = 100;

/** Who may deliver the events of a workspace. */
type Holder = Pick<Claim, 'workspace' | 'lease'>;

type WaitingRow = Pick<Selectable<Tables['events']>, 'seq' | 'event_id' | 'type' | 'sealed_body'> &
  Pick<Selectable<Tables['deliveries']>, 'attempts' | 'rejections' | 'sealed_headers' | 'workspace'>;

/** Finds the events that workspaces deliver next. */
export class FirstEvents {
  readonly #sealer: Sealer;
  readonly #dialect: StoreDialect;

  constructor(sealer: Sealer, dialect: StoreDialect) {
    this.#sealer = sealer;
    this.#dialect = dialect;
  }

  /** Claims the first event that waits in each of some workspaces whose rows are locked. */
  async nextOf(db: Transaction<Tables>, holders: readonly Holder[]): Promise<readonly Claim[]> {
    if (holders.length === 0) return [];
    const names = holders.map(({ workspace }) => workspace);
    const rows = await this.#queued(db)
      .where('deliveries.seq', 'in', (query) =>
        query.selectFrom('workspaces').select(firstWaiting.as('first')).where('workspace', 'in', names),
      )
      .execute();
    const claims: Claim[] = [];
    for (const holder of holders) {
      const first = rows.filter(({ workspace }) => workspace === holder.workspace);
      const claim = await this.#next(db, holder, first, 1);
      if (claim) claims.push(claim);
    }
    return claims;
  }

  /**
   * The queued events. Each statement finds those that wait in its own way: SQLite would take a condition on the state
   * here for a better index than that of `seq`, and read all that waits.
   */
  #queued(db: Transaction<Tables>) {
    return db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.seq')
      .select(['events.seq', 'events.event_id', 'events.type', 'events.sealed_body'])
      .select(['deliveries.attempts', 'deliveries.rejections', 'deliveries.sealed_headers'])
      .select('deliveries.workspace');
  }

  /**
   * Claims the first event of a workspace that can be decrypted. If there is none, the lease ends. Events that cannot be
   * decrypted are set aside.
   *
   * @param rows the first events that wait
   * @param limit how many there are at most. If none of them can be decrypted, a second step reads {@link maxUnreadable};
   *   a later claim reads the rest, since other transactions wait for this one
   */
  async #next(
    db: Transaction<Tables>,
    holder: Holder,
    rows: readonly WaitingRow[],
    limit: 1 | typeof maxUnreadable,
  ): Promise<Claim | undefined> {
    const { workspace, lease } = holder;
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
          waiting_since: this.#dialect.now,
          failure: 'encrypted with another key, or changed in the database',
        })
        .where('seq', 'in', unreadable)
        .execute();
    }
    if (claim) return claim;
    const mayBeMore = rows.length === limit;
    if (mayBeMore && limit === 1) {
      const waiting = eventsOf(db, workspace, 'waiting', unreadable.at(-1))
        .select('seq')
        .limit(maxUnreadable);
      const more = await this.#queued(db).where('deliveries.seq', 'in', waiting).execute();
      const next = more.sort((one, other) => one.seq - other.seq);
      return this.#next(db, holder, next, maxUnreadable);
    }
    await db
      .updateTable('workspaces')
      .set({ due_at: mayBeMore ? this.#dialect.now : null, leased_until: 0, lease: null })
      .where('workspace', '=', workspace)
      .execute();
    return undefined;
  }

  /** @returns undefined if a value cannot be decrypted: one event must not block all others */
  #open(row: WaitingRow): Pick<Delivery, 'body' | 'headers'> | undefined {
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
