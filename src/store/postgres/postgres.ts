import { sql } from 'kysely';
import pg from 'pg';
import type { InputWait } from '../../files/read-input.ts';
import { UserError } from '../../user-error.ts';
import type { StoreDialect } from '../dialect.ts';
import { openSealer, parseCurrentKey, parsePreviousKey } from '../encryption-key.ts';
import { encryptionKeyVariable } from '../key-variables.ts';
import { migrate } from '../migrations.ts';
import { SqlStore } from '../sql-store.ts';
import type { Store } from '../store.ts';
import { checkSession } from './check-session.ts';
import { connect, sessionSettings, startLimits, vacuumLimits, workLimits } from './connect.ts';
import { openFailure } from './open-failure.ts';
import { type PostgresAddress, readPostgresUrl } from './url.ts';

/** The locks are on our own tables: any role of the database could hold an advisory lock for ever. */
const postgres: StoreDialect = {
  columnTypes: { bytes: 'bytea', counter: 'bigserial' },
  now: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  locksRows: true,
  stepPauseMs: 0,
  isShared: true,
  takeTurn: async (db) => {
    // This mode blocks only itself. Nothing else locks this table so, except VACUUM, which has nothing to do in it.
    await sql`lock table settings in share update exclusive mode`.execute(db);
  },
  // Classes 22 (data exception), 23 (integrity constraint violation) and 54 (program limit exceeded).
  isDataError: (error) => error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? ''),
  lockMigrations: async (db) => {
    // A replica waits while another one migrates: longer than a request may.
    await sql`set local statement_timeout = ${sql.lit(startLimits.total)}`.execute(db);
    await sql`set local idle_in_transaction_session_timeout = ${sql.lit(startLimits.wait)}`.execute(db);
    await sql`lock table kysely_migration in exclusive mode`.execute(db);
  },
};

export interface PostgresSettings {
  readonly url: string;
  /** The encryption key as text. All replicas share it. */
  readonly encryptionKey: string | undefined;
  /** The key that is being replaced. */
  readonly previousKey?: string | undefined;
  /** Whether the store will hold tokens, which are never stored unencrypted. */
  readonly keepsTokens: boolean;
  /** The folder that relative file names in the URL refer to. */
  readonly cwd: string;
  readonly inputWait?: InputWait;
}

/**
 * Opens and migrates a store in PostgreSQL, which replicas can share.
 *
 * @throws UserError `store-invalid`, `store-unusable`, `store-newer`, `encryption-key-invalid`, `-missing` or `-wrong`
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const key = readKey(settings);
  const previous = settings.previousKey === undefined ? undefined : parsePreviousKey(settings.previousKey);
  const address = await readPostgresUrl(settings.url, settings.cwd, settings.inputWait);
  await prepare(address);
  const { db, warmUp } = connect(address, address.poolSize, workLimits);
  try {
    await warmUp();
    const sealer = await openSealer(db, key, previous);
    const dialect = { ...postgres, vacuumDeliveries: () => vacuumDeliveries(address) };
    return new SqlStore(address.location, db, sealer, dialect, address.tls.warning);
  } catch (cause) {
    await db.destroy();
    throw openFailure(cause, address.location);
  }
}

function readKey({ encryptionKey, keepsTokens }: PostgresSettings): Buffer | undefined {
  if (encryptionKey !== undefined) return parseCurrentKey(encryptionKey);
  if (!keepsTokens) return undefined;
  throw new UserError('encryption-key-missing', `${encryptionKeyVariable} is not set`, {
    hint: 'All replicas encrypt tokens with the same key. Generate it with: openssl rand -base64 32',
    exitCode: 2,
  });
}

async function prepare(address: PostgresAddress): Promise<void> {
  const { db } = connect(address, 1, startLimits);
  try {
    await checkSession(db, sessionSettings(address));
    const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
    if (!rows[0]?.schema) {
      throw new UserError(
        'store-unusable',
        'the search_path names no schema that exists in this PostgreSQL database',
        {
          hint: 'Create the schema with create schema, or name another one.',
          exitCode: 3,
        },
      );
    }
    await migrate(db, postgres);
  } catch (cause) {
    throw openFailure(cause, address.location);
  } finally {
    await db.destroy();
  }
}

async function vacuumDeliveries(address: PostgresAddress): Promise<void> {
  const { db } = connect(address, 1, vacuumLimits);
  try {
    await sql`vacuum (index_cleanup on, truncate off) deliveries`.execute(db);
  } catch {
    // A pooler may keep the limit of the role: autovacuum does it later.
  } finally {
    await db.destroy();
  }
}
