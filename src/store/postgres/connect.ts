import { Kysely } from 'kysely';
import pg from 'pg';
import type { Tables } from '../tables.ts';
import { TimedPostgresDialect } from './driver.ts';
import { HostPools, requireReadWrite } from './hosts.ts';
import type { SessionSettings } from './options.ts';
import type { PostgresAddress } from './url.ts';

/** How long work with the database may take, in milliseconds. */
interface Limits {
  /** In all. */
  readonly total: number;
  /** Until it has a connection. */
  readonly wait: number;
  /** How long a host has to accept a connection. If that is longer than the work waits, later work gets the connection. */
  readonly connect: number;
  /** For a statement, kept by the server, if it is not that of {@link serverLimits}. */
  readonly statement?: number;
}

/**
 * A request may wait so long that its response leaves in time. To connect with TLS and a password takes seven round
 * trips, which may be longer.
 */
export const workLimits: Limits = { total: 1500, wait: 1200, connect: 3000 };
/** A replica that starts waits while another one migrates. */
export const startLimits: Limits = { total: 60_000, wait: 10_000, connect: 10_000 };
/** To vacuum a table of many gigabytes takes minutes. */
export const vacuumLimits: Limits = { total: 600_000, wait: 10_000, connect: 10_000, statement: 600_000 };

/**
 * Limits that the server keeps, in milliseconds: a statement ends before the work does, and a transaction that a replica
 * leaves open is ended before others reach their limit.
 */
const serverLimits = { statement_timeout: 1200, idle_in_transaction_session_timeout: 1000 };

// Without any password node-postgres would send one of ~/.pgpass, where a line may stand for every host: also for one that
// an env file names.
pg.defaults.password = '';

/** What each session asks for when it starts. */
export function sessionSettings({ settings }: PostgresAddress): SessionSettings {
  const limits = Object.entries(serverLimits).map(([name, value]) => [name, String(value)]);
  return { ...settings, ...Object.fromEntries(limits) };
}

interface Connected {
  readonly db: Kysely<Tables>;
  /** Opens the first connection, however far the database is. */
  warmUp(): Promise<void>;
}

/**
 * Makes the connections to a database; none is opened before it is used.
 *
 * @param poolSize how many connections to open at most, to each host
 */
export function connect(address: PostgresAddress, poolSize: number, limits: Limits): Connected {
  const connectMs = Math.min(limits.connect, address.connectTimeoutMs ?? limits.connect);
  const pools = address.hosts.map(({ host, port }) => ({
    host: `${host}:${port}`,
    pool: new pg.Pool({
      host,
      port,
      database: address.database,
      user: address.user,
      password: address.password,
      ssl: address.tls.ssl,
      options: address.options,
      application_name: address.applicationName,
      max: poolSize,
      // Those that a quiet replica keeps. To open them again would make requests wait.
      min: Math.min(poolSize, 2),
      // Statements are sent without waiting for the responses to earlier ones.
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // A connection that the server never closes must not keep the process alive.
      allowExitOnIdle: true,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: connectMs,
      ...serverLimits,
      ...(limits.statement && { statement_timeout: limits.statement }),
      types: { getTypeParser: parserOf },
      ...(address.readWrite && { onConnect: (client) => requireReadWrite(client, connectMs) }),
    }),
  }));
  for (const { pool } of pools) {
    // An idle connection that breaks has left the pool already. Without a listener the process would end.
    pool.on('error', () => undefined);
    // A connection that breaks while it is lent fails its query as well.
    pool.on('connect', (client) => client.on('error', () => undefined));
  }
  const hosts = new HostPools(pools, limits.wait);
  return {
    db: new Kysely<Tables>({ dialect: new TimedPostgresDialect(hosts, limits.total) }),
    async warmUp() {
      (await hosts.connect(startLimits.wait)).release();
    },
  };
}

/** node-postgres returns 64-bit integers as text. Ours are times and counters, which fit a number exactly. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format);
}
