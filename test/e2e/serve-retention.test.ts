import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, it } from 'vitest';
import { localSlack } from '../support/local-slack.ts';
import { need } from '../support/need.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { commandForm, eventBody, formType, post } from '../support/serve.ts';
import { type ServeProcess, startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUpstream } from '../support/upstream.ts';

/** A database whose clock the test sets. */
interface Database {
  /** For `--store`. */
  readonly url: string;
  setClock(offsetSeconds: number): Promise<void>;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Returns the names of all tables. */
  readonly tables: string;
}

async function sqlite(): Promise<Database> {
  const file = join(await temporaryFolder(), 'serve.db');
  return {
    url: `sqlite:${file}`,
    // It has the clock of the process.
    setClock: async () => undefined,
    async query(sql) {
      const database = new Libsql(file);
      try {
        return database.prepare(sql).all() as Record<string, unknown>[];
      } finally {
        database.close();
      }
    },
    tables: "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
  };
}

async function postgres(): Promise<Database> {
  const { url, schema, query } = await postgresDatabase();
  const shifted = new URL(url);
  // Functions of the schema come before those of PostgreSQL.
  shifted.searchParams.set('options', `-c search_path=${schema},pg_catalog`);
  return {
    url: shifted.href,
    async setClock(seconds) {
      await query(`create or replace function clock_timestamp() returns timestamptz language sql
        as $$ select pg_catalog.clock_timestamp() + interval '${seconds} seconds' $$`);
    },
    query,
    tables: 'select tablename as name from pg_tables where schemaname = current_schema()',
  };
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

it.each([
  ['SQLite', sqlite, 0],
  ['PostgreSQL', postgres, 1],
] as const)(
  'what a run leaves in %s is deleted at the times that docs/security.md names',
  async (_name, createDatabase, handled) => {
    const libfaketime = await need('libfaketime');
    const database = await createDatabase();
    const slack = await localSlack();
    const app = slack.workspace.addApp({
      oauth_config: { scopes: { bot: ['commands'] } },
      settings: { socket_mode_enabled: true },
    });
    const secret = app.credentials.signing_secret;
    const upstream = await startUpstream();
    const startAt = async (offset: number, args: readonly string[], env = {}): Promise<ServeProcess> => {
      await database.setClock(offset);
      return startServe(
        [...args, '--store', database.url, '--slack-api-url', slack.url, '--log-format=json'],
        {
          SLACK_SECRET: secret,
          SPACELIFT_SLACK_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
          LD_PRELOAD: libfaketime,
          FAKETIME: `+${offset}s`,
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          ...env,
        },
      );
    };
    const relay = ['--upstream', upstream.url];
    /** The rows of every table, without those that hold nothing about a person; of attempts, how many events have any. */
    const kept = async () => {
      const rows: Record<string, number> = {};
      for (const { name } of await database.query(database.tables)) {
        const counted = name === 'delivery_attempts' ? 'distinct seq' : '*';
        const [row] = await database.query(`select count(${counted}) as number from ${name}`);
        rows[String(name)] = Number(row?.['number']);
      }
      const { kysely_migration: migrations, queue_lengths: lengths, settings, ...others } = rows;
      expect([migrations, lengths, settings].every((count) => count !== undefined && count > 0)).toBe(true);
      return Object.fromEntries(Object.entries(others).filter(([, count]) => count > 0));
    };

    // An installation that is finished, and one that is not.
    const standIn = await startAt(0, [], {
      SLACK_APP_CLIENT_ID: app.credentials.client_id,
      SLACK_APP_CLIENT_SECRET: app.credentials.client_secret,
    });
    const begin = () => fetch(`${standIn.url}/slack_oauth/install`, { redirect: 'manual' });
    await begin();
    const begun = await begin();
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: slack.workspace.grantCode(app), state });
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await fetch(`${standIn.url}/slack_oauth?${query}`, { headers: { cookie } })).status).toBe(200);
    await standIn.end('SIGTERM');

    // A replica in Socket Mode that dies.
    const token = slack.workspace.addAppToken(app);
    const replica = await startAt(0, ['--socket-mode', ...relay], { SLACK_APP_TOKEN: token });
    await expect.poll(kept).toMatchObject({ socket_replicas: 1 });
    await replica.end('SIGKILL');

    // A command, an event that is delivered, and one that is not.
    const first = await startAt(0, relay);
    expect((await post(first.url, commandForm(), { secret, type: formType })).status).toBe(200);
    expect((await post(first.url, eventBody('Delivered'), { secret })).status).toBe(200);
    await expect.poll(() => first.output()).toContain('event delivered');
    upstream.respond = (response) => response.writeHead(503).end();
    expect((await post(first.url, eventBody('Waiting'), { secret })).status).toBe(200);
    await expect.poll(() => first.output()).toContain('event not delivered yet');
    await first.end('SIGTERM');
    const lasting = { installations: 1, events: 2, deliveries: 1, delivery_attempts: 2, workspaces: 1 };
    const short = { oauth_states: 1, socket_replicas: 1, ...(handled > 0 && { handled_requests: handled }) };
    expect(await kept()).toEqual({ ...lasting, ...short });

    const restartAt = async (offset: number, rows: object) => {
      const serve = await startAt(offset, relay);
      await expect.poll(kept).toEqual(rows);
      await serve.end('SIGTERM');
    };
    await restartAt(11 * minute, lasting);
    const afterOneDay = await startAt(25 * hour, relay);
    const inUse = 'select 1 from workspaces where due_at is not null';
    // A last attempt may come before the expiry: its workspace waits for up to 10 s before the next.
    await expect.poll(() => database.query(inUse)).toEqual([]);
    await afterOneDay.end('SIGTERM');
    const deadLetter = { installations: 1, events: 1, deliveries: 1, delivery_attempts: 1 };
    await restartAt(49 * hour, deadLetter);
    await restartAt(7 * day + 24 * hour, deadLetter);
    const afterAWeek = await startAt(8 * day + 2 * hour, relay);
    await expect.poll(() => database.query('select 1 from deliveries')).toEqual([]);
    await afterAWeek.end('SIGTERM');
    await restartAt(8 * day + 2 * hour, { installations: 1 });
  },
  120_000,
);
