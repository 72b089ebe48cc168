import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { classifyFailure, describeFailure } from '../../net/connection-failure.ts';
import { UserError } from '../../user-error.ts';
import type { StoreDialect } from '../dialect.ts';
import { encryptionKeyVariable, openSealer, parseKey } from '../encryption-key.ts';
import { migrate } from '../migrations.ts';
import { SqlStore } from '../sql-store.ts';
import type { Store } from '../store.ts';
import type { Tables } from '../tables.ts';
import { TimedPostgresDialect } from './driver.ts';
import { type PostgresAddress, readPostgresUrl } from './url.ts';

/**
 * How long a request may wait for the database, in milliseconds, so that its response leaves in time: in all, for a
 * connection, and for a statement. A transaction that a replica leaves open is ended before others reach their limit.
 */
const workLimits = { total: 1500, connect: 1200, statement: 1200, idleInTransaction: 1000 };
/** The same for migrations: a replica waits while another one migrates. */
const startLimits = { total: 60_000, connect: 10_000, statement: 60_000, idleInTransaction: 10_000 };

const postgres: StoreDialect = {
  columnTypes: { bytes: 'bytea', counter: 'bigserial' },
  now: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  locksRows: true,
  isShared: true,
  takeTurn: async (db) => {
    // The first number is arbitrary and says what the lock is for; the second one identifies this table.
    await sql`select pg_advisory_xact_lock(1936483956, 'events'::regclass::oid::int)`.execute(db);
  },
};

export interface PostgresSettings {
  readonly url: string;
  /** The encryption key as text. All replicas share it. */
  readonly encryptionKey: string | undefined;
  /** Whether the store will hold tokens, which are never stored unencrypted. */
  readonly keepsTokens: boolean;
  /** The folder that relative file names in the URL refer to. */
  readonly cwd: string;
}

/**
 * Opens and migrates a store in PostgreSQL, which replicas can share.
 *
 * @throws UserError `store-invalid`, `store-unusable`, `store-newer`, `encryption-key-invalid`, `-missing` or `-wrong`
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const key = readKey(settings);
  const address = await readPostgresUrl(settings.url, settings.cwd);
  await prepare(address);
  const db = connect(address, address.poolSize, workLimits);
  try {
    return new SqlStore(address.location, db, await openSealer(db, key), postgres);
  } catch (cause) {
    await db.destroy();
    throw openFailure(cause, address);
  }
}

function readKey({ encryptionKey, keepsTokens }: PostgresSettings): Buffer | undefined {
  if (encryptionKey !== undefined) return parseKey(encryptionKey, encryptionKeyVariable);
  if (!keepsTokens) return undefined;
  throw new UserError('encryption-key-missing', `${encryptionKeyVariable} is not set`, {
    hint: 'All replicas encrypt tokens with the same key. Generate it with: openssl rand -base64 32',
    exitCode: 2,
  });
}

async function prepare(address: PostgresAddress): Promise<void> {
  const db = connect(address, 1, startLimits);
  try {
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
    // A connection that the server never closes must not keep the process alive.
    allowExitOnIdle: true,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: limits.connect,
    statement_timeout: limits.statement,
    idle_in_transaction_session_timeout: limits.idleInTransaction,
    types: { getTypeParser: parserOf },
  });
  return new Kysely<Tables>({ dialect: new TimedPostgresDialect(pool, limits.total) });
}

/** node-postgres returns 64-bit integers as text. Ours are times and counters, which fit a number exactly. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format);
}

function openFailure(cause: unknown, { location }: PostgresAddress): UserError {
  if (cause instanceof UserError) return cause;
  const { message, hint } = describe(cause);
  return new UserError('store-unusable', `cannot use the store ${location}: ${message}`, {
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
        ? 'Pass the certificate authority with sslrootcert=FILE, and use the host name in the certificate; see sslmode in docs/replicas.md.'
        : checkServer,
  };
}

const checkServer = 'Check that the server runs and that this machine can reach it.';

/** @param code the SQLSTATE; empty for an error that node-postgres makes itself */
function hintFor(code: string, message: string): string {
  // Without a password, node-postgres itself fails with the words of the protocol.
  if (/^28/.test(code) || message.startsWith('SASL')) {
    return 'Check the user name and the password in DATABASE_URL, or in PGUSER and PGPASSWORD.';
  }
  if (code === '3D000') return 'Create the database with createdb, or name another one.';
  if (code === '25006') return 'Name the primary: this server is a standby, or was set to read-only.';
  if (code === '42501') return 'Grant the user the right to create tables in its schema.';
  if (code === '42P07') return 'Give this program its own database or schema.';
  if (code === '53300')
    return 'Raise max_connections of the server, or lower pool_max_conns in the URL of each replica.';
  if (/SSL/.test(message)) return 'Check sslmode in the URL, and whether the server offers TLS.';
  return code === '' ? checkServer : 'See the log of PostgreSQL for more.';
}
