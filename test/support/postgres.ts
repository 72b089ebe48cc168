import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { need } from './need.ts';

/** A schema of a test's own in a real PostgreSQL; it goes away with the test. */
export interface PostgresDatabase {
  /** For `--store`: whoever connects with it finds the schema's tables alone. */
  readonly url: string;
  readonly schema: string;
  /** Runs a statement past the program, in that schema. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A connection to that schema, which the test may keep open. */
  connect(): Promise<pg.Client>;
}

/** @param server another one than that which the tests share */
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
  const query = async (sql: string) => {
    const client = await connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  await query(`create schema ${schema}`);
  onEnd(async () => {
    // What they still hold locked could not be dropped.
    for (const client of clients) await client.end();
    // A server that the test has stopped takes its schemas with it.
    await query(`drop schema ${schema} cascade`).catch(() => undefined);
  });
  return { url: url.href, schema, query, connect };
}
