import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { need } from './need.ts';

/** A private schema in a real PostgreSQL; it is dropped when the test ends. */
export interface PostgresDatabase {
  /** For `--store`; its search path is the schema alone. */
  readonly url: string;
  readonly schema: string;
  /** Runs a statement in the schema, on a connection of its own. */
  query(sql: string): Promise<Rows>;
  /** A connection to the schema, which the test may keep open. */
  connect(): Promise<pg.Client>;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Runs a statement on a connection of its own. */
export async function queryOnce(url: string, sql: string): Promise<Rows> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** @param server the URL of another server than the shared one */
export async function postgresDatabase(
  server?: string,
  onEnd: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<PostgresDatabase> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server ?? (await need('a PostgreSQL database')));
  url.searchParams.set('options', `-c search_path=${schema}`);
  const clients = new Set<pg.Client>();
  const connect = async () => {
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    clients.add(client);
    return client;
  };
  const query = (sql: string) => queryOnce(url.href, sql);
  await query(`create schema ${schema}`);
  onEnd(async () => {
    // Tables that they have locked could not be dropped.
    for (const client of clients) await client.end();
    // Fails if the test has stopped the server, and then nothing is left to drop.
    await query(`drop schema ${schema} cascade`).catch(() => undefined);
  });
  return { url: url.href, schema, query, connect };
}
