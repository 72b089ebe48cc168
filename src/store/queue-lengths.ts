import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import type { Tables } from './tables.ts';

/**
 * Counts deliveries and their bytes as they change, since to scan millions of them takes seconds. The counts are the
 * sums of all rows.
 *
 * With locks on rows, each statement adds a row with what it changed: one row for all would make replicas wait for one
 * another, and deadlock. {@link foldQueueLengths} adds them up.
 */
export async function createQueueLengths(db: Kysely<Tables>, { locksRows }: StoreDialect): Promise<void> {
  await db.schema
    .createTable('queue_lengths')
    .addColumn('waiting', 'bigint', (column) => column.notNull())
    .addColumn('set_aside', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .alterTable('deliveries')
    .addColumn('bytes', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`
    update deliveries set bytes = length(sealed_headers) +
      coalesce((select length(sealed_body) from events where events.seq = deliveries.seq), 0)
  `.execute(db);
  await sql`
    insert into queue_lengths
    select coalesce(sum(case state when 'waiting' then 1 else 0 end), 0),
      coalesce(sum(case state when 'set-aside' then 1 else 0 end), 0), coalesce(sum(bytes), 0)
    from deliveries
  `.execute(db);
  for (const statement of locksRows ? perStatement : perRow) await sql.raw(statement).execute(db);
}

const counted = (rows: string, sign: string) => `
  insert into queue_lengths
  select ${sign}count(*) filter (where state = 'waiting'), ${sign}count(*) filter (where state = 'set-aside'),
    ${sign}sum(bytes)
  from ${rows} having count(*) > 0;`;

const perStatement = [
  `create or replace function count_queue() returns trigger language plpgsql as $$ begin
    if tg_op <> 'INSERT' then ${counted('old_rows', '-')} end if;
    if tg_op <> 'DELETE' then ${counted('new_rows', '')} end if;
    return null;
  end $$`,
  `create trigger count_inserted after insert on deliveries
    referencing new table as new_rows for each statement execute function count_queue()`,
  `create trigger count_deleted after delete on deliveries
    referencing old table as old_rows for each statement execute function count_queue()`,
  `create trigger count_updated after update on deliveries
    referencing old table as old_rows new table as new_rows for each statement execute function count_queue()`,
];

const add = (row: 'new' | 'old', sign: '+' | '-') => `
  update queue_lengths set waiting = waiting ${sign} (${row}.state = 'waiting'),
    set_aside = set_aside ${sign} (${row}.state = 'set-aside'), bytes = bytes ${sign} ${row}.bytes;`;

const perRow = [
  `create trigger count_inserted after insert on deliveries begin ${add('new', '+')} end`,
  `create trigger count_deleted after delete on deliveries begin ${add('old', '-')} end`,
  `create trigger count_updated after update of state on deliveries when old.state <> new.state
    begin ${add('old', '-')} ${add('new', '+')} end`,
];

/**
 * Gives each session of PostgreSQL one row, which all its statements add to: a row for each statement became tens of
 * thousands, which every commit has to add up. An update counts the difference, if there is one.
 */
export async function countBySession(db: Kysely<Tables>, { locksRows }: StoreDialect): Promise<void> {
  if (!locksRows) return;
  for (const statement of perSession) await sql.raw(statement).execute(db);
}

const newRows = 'select 1 as sign, state, bytes from new_rows';
const oldRows = 'select -1 as sign, state, bytes from old_rows';

const addToRow = `
  on conflict (session) do update set waiting = queue_lengths.waiting + excluded.waiting,
    set_aside = queue_lengths.set_aside + excluded.set_aside, bytes = queue_lengths.bytes + excluded.bytes`;

const addDifference = (rows: string) => `
  insert into queue_lengths (session, waiting, set_aside, bytes)
  select pg_backend_pid(), waiting, set_aside, bytes from (
    select coalesce(sum(sign) filter (where state = 'waiting'), 0) as waiting,
      coalesce(sum(sign) filter (where state = 'set-aside'), 0) as set_aside, coalesce(sum(sign * bytes), 0) as bytes
    from (${rows}) as changed
  ) as difference
  where waiting <> 0 or set_aside <> 0 or bytes <> 0
  ${addToRow};`;

const perSession = [
  `with gone as (delete from queue_lengths returning waiting, set_aside, bytes)
    insert into queue_lengths
    select coalesce(sum(waiting), 0), coalesce(sum(set_aside), 0), coalesce(sum(bytes), 0) from gone`,
  'alter table queue_lengths add column session integer not null default 0',
  'create unique index queue_lengths_session on queue_lengths (session)',
  `create or replace function count_queue() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then ${addDifference(newRows)}
    elsif tg_op = 'DELETE' then ${addDifference(oldRows)}
    else ${addDifference(`${newRows} union all ${oldRows}`)} end if;
    return null;
  end $$`,
];

/** What the queue holds, in both states, as columns of a statement: counted before it changes anything. */
export const queueSize = [
  sql<number>`(select cast(sum(waiting + set_aside) as bigint) from queue_lengths)`.as('queuedEvents'),
  sql<number>`(select cast(sum(bytes) as bigint) from queue_lengths)`.as('queuedBytes'),
] as const;

/**
 * Adds up the rows of all sessions in row 0, without those that another transaction works on. All processes that do this at
 * once write row 0 last, so that they cannot deadlock.
 */
export async function foldQueueLengths(db: Kysely<Tables>): Promise<void> {
  await sql`
    with gone as (
      delete from queue_lengths
      where session in (select session from queue_lengths for update skip locked)
      returning waiting, set_aside, bytes
    )
    insert into queue_lengths (session, waiting, set_aside, bytes)
    select 0, coalesce(sum(waiting), 0), coalesce(sum(set_aside), 0), coalesce(sum(bytes), 0) from gone
    ${sql.raw(addToRow)}
  `.execute(db);
}
