import { type Kysely, sql, type Transaction } from 'kysely';
import { UserError } from '../user-error.ts';
import type { ColumnTypes, StoreDialect } from './dialect.ts';
import { countBySession, createQueueLengths } from './queue-lengths.ts';
import type { Tables } from './tables.ts';

/** The table of the migrations that have run. Its name and columns are those of Kysely's Migrator. */
type Journal = { kysely_migration: { name: string; timestamp: string } };

/** A released migration is never changed; a change is a new migration. */
type Migrations = Readonly<Record<string, (db: Kysely<Tables>) => Promise<void>>>;

/**
 * Migrates the tables to this version, all or nothing. Processes that start together wait for one another.
 *
 * Kysely's Migrator locks for a session, which is not the same as a connection behind a pooler, and any role of the
 * database can hold its lock. Here everything, and the lock, is one transaction.
 *
 * @throws UserError `store-newer` if a newer version of the program has migrated them
 */
export async function migrate(db: Kysely<Tables>, dialect: StoreDialect): Promise<void> {
  await createJournal(db);
  await db.transaction().execute(async (transaction) => {
    await dialect.lockMigrations(transaction);
    await migrateLocked(transaction, migrations(dialect));
  });
}

/** A role that may not create tables can use those that are there. */
async function createJournal(db: Kysely<Tables>): Promise<void> {
  if (await hasJournal(db)) return;
  try {
    await db.schema
      .createTable('kysely_migration')
      .addColumn('name', 'varchar(255)', (column) => column.primaryKey())
      .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
      .execute();
  } catch (error) {
    // If two processes create it at the same moment, one of them fails after the other one has succeeded.
    if (!(await hasJournal(db))) throw error;
  }
}

function hasJournal(db: Kysely<Tables>): Promise<boolean> {
  const query = db.withTables<Journal>().selectFrom('kysely_migration').select('name').limit(1);
  return query.execute().then(
    () => true,
    () => false,
  );
}

async function migrateLocked(db: Transaction<Tables>, known: Migrations): Promise<void> {
  const journal = db.withTables<Journal>();
  const rows = await journal.selectFrom('kysely_migration').select('name').execute();
  const done = new Set(rows.map(({ name }) => name));
  if ([...done].some((name) => !(name in known))) {
    throw new UserError('store-newer', 'the store was migrated by a newer version of this program', {
      hint: 'Run that version, or pass another --store.',
      exitCode: 3,
    });
  }
  for (const [name, up] of Object.entries(known)) {
    if (done.has(name)) continue;
    await up(db);
    const timestamp = sql<string>`current_timestamp`;
    await journal.insertInto('kysely_migration').values({ name, timestamp }).execute();
  }
}

function migrations(dialect: StoreDialect): Migrations {
  const types = dialect.columnTypes;
  return {
    '0001-first-tables': (db) => createFirstTables(db, types),
    '0002-deliveries': (db) => createDeliveries(db, types),
    '0003-no-subscriptions': (db) => db.schema.dropTable('subscriptions').execute(),
    '0004-socket-replicas': createSocketReplicas,
    '0005-attempts': renameAttempts,
    '0006-handled-requests': (db) => createHandledRequests(db, types),
    '0007-delivery-attempts': createDeliveryAttempts,
    '0008-queue-lengths-and-bytes': (db) => createQueueLengths(db, dialect),
    '0009-counts-by-session': (db) => countBySession(db, dialect),
    '0010-first-seq': (db) => addFirstSeq(db, dialect),
  };
}

async function createFirstTables(db: Kysely<Tables>, types: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('seq', types.counter, (column) => column.primaryKey())
    .addColumn('event_id', 'text', (column) => column.notNull().unique())
    .addColumn('workspace', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('sealed_body', types.bytes, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('events_received_at').on('events').column('received_at').execute();
  await db.schema
    .createTable('installations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_wide', 'integer', (column) => column.notNull())
    .addColumn('team_id', 'text')
    .addColumn('team_name', 'text')
    .addColumn('enterprise_id', 'text')
    .addColumn('enterprise_name', 'text')
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('bot_user_id', 'text')
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('installed_by', 'text')
    .addColumn('installed_at', 'bigint', (column) => column.notNull())
    .addColumn('sealed_tokens', types.bytes, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('oauth_states')
    .addColumn('state_hash', 'text', (column) => column.primaryKey())
    .addColumn('browser_hash', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('subscriptions')
    .addColumn('team_id', 'text', (column) => column.notNull())
    .addColumn('enterprise_id', 'text')
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('stack', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('subscriptions_key', ['team_id', 'channel_id', 'stack'])
    .execute();
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', types.bytes, (column) => column.notNull())
    .execute();
}

async function createDeliveries(db: Kysely<Tables>, types: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('workspace', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('waiting_since', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('refusals', 'integer', (column) => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('sealed_headers', types.bytes, (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('deliveries_workspace')
    .on('deliveries')
    .columns(['workspace', 'state', 'seq'])
    .execute();
  await db.schema
    .createIndex('deliveries_state')
    .on('deliveries')
    .columns(['state', 'waiting_since'])
    .execute();
  await db.schema
    .createTable('workspaces')
    .addColumn('workspace', 'text', (column) => column.primaryKey())
    .addColumn('due_at', 'bigint')
    .addColumn('leased_until', 'bigint', (column) => column.notNull())
    .addColumn('lease', 'text')
    .execute();
  await db.schema.createIndex('workspaces_due_at').on('workspaces').column('due_at').execute();
}

async function createSocketReplicas(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('socket_replicas')
    .addColumn('replica', 'text', (column) => column.primaryKey())
    .addColumn('connections', 'integer', (column) => column.notNull())
    .addColumn('open', 'integer', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** `tries` and `refusals` get the names that the log and `serve events` use. */
async function renameAttempts(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('deliveries').renameColumn('tries', 'attempts').execute();
  await db.schema.alterTable('deliveries').renameColumn('refusals', 'rejections').execute();
}

async function createHandledRequests(db: Kysely<Tables>, types: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('handled_requests')
    .addColumn('request', 'text', (column) => column.primaryKey())
    .addColumn('replica', 'text', (column) => column.notNull())
    .addColumn('leased_until', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('sealed_response', types.bytes)
    .execute();
  await db.schema
    .createIndex('handled_requests_expires_at')
    .on('handled_requests')
    .column('expires_at')
    .execute();
}

async function createDeliveryAttempts(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('delivery_attempts')
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('failure', 'text')
    .addPrimaryKeyConstraint('delivery_attempts_key', ['seq', 'number'])
    .execute();
}

async function addFirstSeq(db: Kysely<Tables>, { locksRows }: StoreDialect): Promise<void> {
  await db.schema
    .alterTable('workspaces')
    .addColumn('first_seq', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  if (!locksRows) return;
  // By default PostgreSQL would leave a fifth of a long queue as dead rows, which reads at the start of an index pass.
  await sql`alter table deliveries set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`.execute(
    db,
  );
}
