import { type Kysely, sql } from 'kysely';
import type { KeptState } from './delivery-queue.ts';
import type { Tables } from './tables.ts';

// Both compare and order by all columns of one index, as a row. If they gave the workspace and the state by equality,
// PostgreSQL might read the events of all workspaces in the order of `seq` instead: statistics of another hour promise that
// the first one is near.

/** The events of a workspace in a state, after an event of it, in the order in which they were stored. */
export function eventsOf(db: Kysely<Tables>, workspace: string, state: KeptState, after = 0) {
  return db
    .selectFrom('deliveries')
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('workspace', 'state', 'seq'), '>', tuple(workspace, state, after)),
    )
    .where(({ eb, refTuple, tuple }) => eb(refTuple('workspace', 'state'), '<=', tuple(workspace, state)))
    .orderBy('workspace')
    .orderBy('state')
    .orderBy('seq');
}

/** The first event that waits, as a column of a statement on `workspaces`. */
export const firstWaiting = sql<number | null>`(
  select seq from deliveries
  where (workspace, state, seq) >= (workspaces.workspace, 'waiting', workspaces.first_seq)
    and (workspace, state) <= (workspaces.workspace, 'waiting')
  order by workspace, state, seq limit 1
)`;
