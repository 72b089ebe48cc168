import { readFile } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import { need } from '../../support/need.ts';
import { startPgBouncer } from '../../support/pgbouncer.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts';
import { event } from '../store-suite.ts';

/** The blocks of code in the section of docs/replicas.md about poolers, by language. */
async function documented(): Promise<{ readonly sql: string; readonly ini: string }> {
  const page = await readFile(new URL('../../../docs/replicas.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('### Poolers'));
  const block = (language: string) =>
    new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(section)?.[1] ?? '';
  return { sql: block('sql'), ini: block('ini') };
}

/** Has the roles `slack`, with the documented settings, and `plain`, each with a schema of its name. */
let server: PostgresServer;
let query: Awaited<ReturnType<typeof postgresDatabase>>['query'];
const ends: (() => Promise<void>)[] = [];
let starting: Promise<void> | undefined;

beforeEach(async () => {
  await need('PostgreSQL server programs');
  starting ??= start();
  await starting;
});

async function start(): Promise<void> {
  const onEnd = (end: () => Promise<void>) => void ends.push(end);
  server = await startPostgresServer(onEnd);
  ({ query } = await postgresDatabase(server.url, onEnd));
  for (const role of ['slack', 'plain']) {
    await query(`create role ${role} login; create schema ${role} authorization ${role}`);
  }
  await query((await documented()).sql);
}

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** @returns the port of PgBouncer with the documented configuration, in a mode, for one role */
async function bounce(mode: string, role: string, change = (ini: string) => ini): Promise<number> {
  const ini = (await documented()).ini
    .replace(/^slack = .*$/m, `postgres = host=127.0.0.1 port=${server.port}`)
    .replace(/^pool_mode = .*$/m, `pool_mode = ${mode}`);
  return startPgBouncer(`${change(ini)}default_pool_size = 3\n`, role, 'postgres');
}

async function open(port: number, role: string, parameters = 'options=-csearch_path%3Dslack') {
  const store = await openPostgresStore({
    url: `postgres://${role}@127.0.0.1:${port}/postgres?${parameters}`,
    encryptionKey: undefined,
    keepsTokens: false,
    cwd: '/',
  });
  onTestFinished(() => store.close());
  return store;
}

describe.each(['session', 'transaction'])('PgBouncer in %s mode, configured as documented', (mode) => {
  it('serves replicas that start together, and keeps every event', async () => {
    await query('drop owned by slack; create schema if not exists slack authorization slack');
    const port = await bounce(mode, 'slack');
    const stores = await Promise.all([open(port, 'slack'), open(port, 'slack')]);
    const ids = Array.from({ length: 50 }, (_, index) => `Ev${index}`);
    const results = await Promise.all(
      stores.flatMap((store) => ids.map((id) => store.recordEvent(event(id, { delivery: {} })))),
    );
    expect(results.filter((result) => result === 'stored')).toHaveLength(ids.length);
    expect(await query('select 1 from slack.deliveries')).toHaveLength(ids.length);
    const [claim] = (await stores[0]?.deliveries.claim(1, 60_000)) ?? [];
    expect(claim).toMatchObject({ delivery: { eventId: expect.stringMatching(/^Ev/) } });
    // A lock that outlived its transaction would stop the next start.
    expect(await query("select 1 from pg_locks where locktype = 'advisory'")).toEqual([]);
    await open(port, 'slack');
  });

  it('ends a statement that waits for a lock', async () => {
    const port = await bounce(mode, 'slack');
    const store = await open(port, 'slack');
    const other = await (await postgresDatabase(server.url)).connect();
    await other.query('begin; lock table slack.events');
    await expect(store.recordEvent(event('Ev1'))).rejects.toThrow(/statement timeout/);
  });

  it('is an error if the role lacks the settings, which says how to set them', async () => {
    const port = await bounce(mode, 'plain');
    const opening = open(port, 'plain', 'options=-csearch_path%3Dplain');
    await expect(opening).rejects.toMatchObject({
      code: 'store-unusable',
      exitCode: 3,
      message: expect.stringMatching(/PgBouncer.*search_path is "\$user", public, not plain/),
      hint: expect.stringContaining('alter role plain set statement_timeout = 1200;'),
    });
    expect(await query("select 1 from pg_tables where tableowner = 'plain'")).toEqual([]);
  });

  it('is an error that names the parameter if it refuses one', async () => {
    const port = await bounce(mode, 'slack', (ini) => ini.replace(/^ignore_startup_parameters.*\n/m, ''));
    await expect(open(port, 'slack')).rejects.toMatchObject({
      code: 'store-unusable',
      exitCode: 3,
      message: expect.stringContaining('unsupported startup parameter: statement_timeout'),
      hint: expect.stringContaining('ignore_startup_parameters'),
    });
  });
});
