import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';
import { firstWaiting } from './workspace-events.ts';

// `workspaces.first_seq` is a lower bound: no event of the workspace waits that has a lower seq. Without it PostgreSQL
// would find the first one behind the index entries of all that waited before it, until the next vacuum. Whatever makes
// an event wait lowers the bound, with the workspace locked.

/** The lower of the bound that is stored and the one that is inserted. */
export const lowerFirstSeq = sql<number>`case when excluded.first_seq < workspaces.first_seq
  then excluded.first_seq else workspaces.first_seq end`;

/**
 * Raises the bounds of workspaces to the first event that waits. They were locked by an earlier statement: this one would
 * not see an event that became waiting while it waited for a lock.
 */
export async function raiseFirstSeq(db: Transaction<Tables>, workspaces: readonly string[]): Promise<void> {
  if (workspaces.length === 0) return;
  await db
    .updateTable('workspaces')
    .set(({ fn, ref }) => ({ first_seq: fn.coalesce(firstWaiting, ref('workspaces.first_seq')) }))
    .where('workspace', 'in', workspaces)
    .execute();
}

/** Raises the bounds of workspaces, without those that another transaction has locked. */
export async function raiseFreeFirstSeq(db: Kysely<Tables>, workspaces: readonly string[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const free = await transaction
      .selectFrom('workspaces')
      .select('workspace')
      .where('workspace', 'in', workspaces)
      .forUpdate()
      .skipLocked()
      .execute();
    await raiseFirstSeq(
      transaction,
      free.map(({ workspace }) => workspace),
    );
  });
}
