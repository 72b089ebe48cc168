import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { classifyFailure, describeFailure } from '../net/connection-failure.ts';
import { UserError } from '../user-error.ts';
import type { StoreDialect } from './dialect.ts';
import { encryptionKeyVariable, openSealer, parseKey } from './encryption-key.ts';
import { migrate } from './migrations.ts';
import { TimedPostgresDialect } from './postgres-driver.ts';
import { type PostgresAddress, readPostgresUrl } from './postgres-url.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

/**
 * What a request may wait for the database, in milliseconds, so that its answer leaves in time: all in all, for a
 * connection, and for a statement. A transaction that its replica leaves open is ended before others have waited so long.
 */
const workLimits = { total: 1500, connect: 1200, statement: 1200, idleInTransaction: 1000 };
/** The same for bringing the tables up to date, where a replica waits for the one that is at it. */
const startLimits = { total: 60_000, connect: 10_000, statement: 60_000, idleInTransaction: 10_000 };

const postgres: StoreDialect = {
  columnTypes: { bytes: 'bytea', counter: 'bigserial' },
  now: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  locksRows: true,
  takeTurn: async (db) => {
    // The first number is arbitrary and marks what the lock is for; the second is this very table's.
    await sql`select pg_advisory_xact_lock(1936483956, 'events'::regclass::oid::int)`.execute(db);
  },
};

export interface PostgresSettings {
  readonly url: string;
  /** The text of the key that all replicas share. */
  readonly encryptionKey: string | undefined;
  /** Whether the store will hold tokens, which are never kept in clear. */
  readonly keepsTokens: boolean;
  /** What relative file names in the URL start from. */
  readonly cwd: string;
}

/**
 * Opens a store in a PostgreSQL, which replicas may share, and brings it up to date.
 *
 * @throws UserError `store-invalid`, `store-unusable`, `store-newer`, `encryption-key-invalid`, `-missing` or `-wrong`
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const key = readKey(settings);
  const address = await readPostgresUrl(settings.url, settings.cwd);
  await prepare(address);
  const db = connect(address, address.poolSize, workLimits);
  try {
    return new SqlStore(address.place, db, await openSealer(db, key), postgres);
  } catch (cause) {
    await db.destroy();
    throw openFailure(cause, address);
  }
}

function readKey({ encryptionKey, keepsTokens }: PostgresSettings): Buffer | undefined {
  if (encryptionKey !== undefined) return parseKey(encryptionKey, encryptionKeyVariable);
  if (!keepsTokens) return undefined;
  throw new UserError('encryption-key-missing', `${encryptionKeyVariable} is not set`, {
    hint: 'The replicas that share a PostgreSQL encrypt tokens with one key. Make it with: openssl rand -base64 32',
    exitCode: 2,
  });
}

async function prepare(address: PostgresAddress): Promise<void> {
  const db = connect(address, 1, startLimits);
  try {
    const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
    if (!rows[0]?.schema) {
      throw new UserError('store-unusable', 'the search_path names no schema of the PostgreSQL', {
        hint: 'Make the schema with create schema, or name another one.',
        exitCode: 3,
      });
    }
    await migrate(db, postgres.columnTypes);
  } catch (cause) {
    throw openFailure(cause, address);
  } finally {
    await db.destroy();
  }
}

function connect(address: PostgresAddress, poolSize: number, limits: typeof workLimits): Kysely<Tables> {
  const pool = new pg.Pool({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    ssl: address.ssl,
    options: address.options,
    application_name: address.applicationName,
    max: poolSize,
    keepAlive: true,
    // A connection that the other side never ends must not keep the program from ending.
    allowExitOnIdle: true,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: limits.connect,
    statement_timeout: limits.statement,
    idle_in_transaction_session_timeout: limits.idleInTransaction,
    types: { getTypeParser: parserOf },
  });
  return new Kysely<Tables>({ dialect: new TimedPostgresDialect(pool, limits.total) });
}

/** node-postgres gives 64-bit integers as text; ours are times and counters, which a number holds to the digit. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format);
}

function openFailure(cause: unknown, { place }: PostgresAddress): UserError {
  if (cause instanceof UserError) return cause;
  const { message, hint } = describe(cause);
  return new UserError('store-unusable', `the store ${place} cannot be used: ${message}`, {
    hint,
    exitCode: 3,
    cause,
  });
}

function describe(cause: unknown): { readonly message: string; readonly hint: string } {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof pg.DatabaseError) return { message, hint: hintFor(cause.code ?? '', message) };
  const failure = classifyFailure(cause);
  if (failure === undefined || failure.kind === 'other') return { message, hint: hintFor('', message) };
  return {
    message: describeFailure(failure),
    hint:
      failure.kind === 'certificate'
        ? 'Name the authority with sslrootcert=FILE and the server as its certificate does, or see sslmode in the docs.'
        : checkServer,
  };
}

const checkServer = 'Check that the server runs, and that this machine can reach it.';

/** @param code the SQLSTATE; empty for an error that node-postgres makes itself */
function hintFor(code: string, message: string): string {
  // Without a password node-postgres ends the talk itself, in the words of the protocol.
  if (/^28/.test(code) || message.startsWith('SASL')) {
    return 'Check the user name and the password in DATABASE_URL, or in PGUSER and PGPASSWORD.';
  }
  if (code === '3D000') return 'Make the database with createdb, or name another one.';
  if (code === '25006') return 'It is a standby, or was set to read-only: name the primary.';
  if (code === '42501') return 'The user needs the right to create tables in its schema.';
  if (code === '42P07') return 'Give this program a database, or a schema, of its own.';
  if (code === '53300')
    return 'Raise max_connections there, or lower pool_max_conns in the URL of each replica.';
  if (/SSL/.test(message)) return 'Check sslmode in the URL, and what the server offers.';
  return code === '' ? checkServer : 'See the log of PostgreSQL for more.';
}
