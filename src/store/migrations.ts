import { type Kysely, type Migration, Migrator } from 'kysely';
import { UserError } from '../user-error.ts';
import type { ColumnTypes } from './dialect.ts';
import type { Tables } from './tables.ts';

/**
 * Migrates the tables to this version, all or nothing. Processes that start together wait for one another.
 *
 * @throws UserError `store-newer` if a newer version of the program has migrated them
 */
export async function migrate(db: Kysely<Tables>, types: ColumnTypes): Promise<void> {
  const known = migrations(types);
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => known },
  }).migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    throw new UserError('store-newer', 'the store was migrated by a newer version of this program', {
      hint: 'Run that version, or pass another --store.',
      exitCode: 3,
      cause: error,
    });
  }
  throw error;
}

/** Each migration runs once. A released migration is never changed; a change is a new migration. */
function migrations(types: ColumnTypes): Record<string, Migration> {
  return {
    '0001-first-tables': { up: (db) => createFirstTables(db, types) },
    '0002-deliveries': { up: (db) => createDeliveries(db, types) },
    '0003-no-subscriptions': { up: (db) => db.schema.dropTable('subscriptions').execute() },
    '0004-socket-replicas': { up: createSocketReplicas },
    '0005-attempts': { up: renameAttempts },
    '0006-handled-requests': { up: (db) => createHandledRequests(db, types) },
  };
}

async function createFirstTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
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

async function createDeliveries(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
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

async function createSocketReplicas(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('socket_replicas')
    .addColumn('replica', 'text', (column) => column.primaryKey())
    .addColumn('connections', 'integer', (column) => column.notNull())
    .addColumn('open', 'integer', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** `tries` and `refusals` get the names that the log and `serve events` use. */
async function renameAttempts(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('deliveries').renameColumn('tries', 'attempts').execute();
  await db.schema.alterTable('deliveries').renameColumn('refusals', 'rejections').execute();
}

async function createHandledRequests(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
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
