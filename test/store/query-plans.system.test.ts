import { join } from 'node:path';
import Libsql from 'libsql';
import PromisedLibsql from 'libsql/promise';
import { expect, it, onTestFinished, vi } from 'vitest';
import { stepSize } from '../../src/store/in-steps.ts';
import { openPostgresStore } from '../../src/store/postgres/postgres.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { event } from './store-suite.ts';

const lease = 60_000;

/** Changes the state of more events than one step changes, and deletes them. */
async function useFullSteps(store: Store): Promise<void> {
  const { deliveries } = store;
  const ids = Array.from({ length: stepSize + 1 }, (_, index) => `Step${index}`);
  await Promise.all(ids.map((id) => store.recordEvent(event(id, { delivery: {} }))));
  const later = Date.now() + 60_000;
  expect(await deliveries.expire({ waiting: later, setAside: 0 })).toBe(ids.length);
  expect(await deliveries.retry('all-set-aside')).toBe(ids.length);
  expect(await deliveries.expire({ waiting: later, setAside: 0 })).toBe(ids.length);
  expect(await deliveries.drop('all-set-aside')).toBe(ids.length);
  await store.prune({ eventsBefore: later, now: 2 });
}

/** Does once everything that serve and serve events do with a queue. */
async function useQueue(store: Store): Promise<void> {
  const { deliveries } = store;
  const queueLimit = { events: 1_000_000, bytes: 2 ** 40 };
  for (const id of ['Ev1', 'Ev2', 'Ev3', 'Ev4'])
    await store.recordEvent(event(id, { workspace: 'Used', delivery: {}, queueLimit }));
  await deliveries.lengths();
  let [claim] = await deliveries.claim(16, lease);
  expect(claim?.workspace).toBe('Used');
  if (claim) claim = await deliveries.settle(claim, { kind: 'delivered' }, lease);
  if (claim) claim = await deliveries.settle(claim, { kind: 'set-aside', failure: 'HTTP 400' }, lease);
  const failure = { afterMs: 0, failure: 'HTTP 503', rejected: false };
  if (claim) await deliveries.settle(claim, { kind: 'retry', ...failure }, lease);
  await deliveries.retry('all-set-aside');
  await deliveries.retry({ eventIds: ['Ev2'] });
  await deliveries.drop({ eventIds: ['Ev2'] });
  await deliveries.expire({ waiting: 2, setAside: 2 });
  await deliveries.drop('all-set-aside');
  await deliveries.list({ limit: 9 });
  await deliveries.list({ state: 'set-aside', limit: 9 });
  await deliveries.list({ workspace: 'Used', limit: 9 });
  await deliveries.list({ state: 'delivered', limit: 9 });
  await store.events.find('Ev1');
  await store.events.resend('Ev1', {});
  await store.prune({ eventsBefore: 2, now: 2 });
}

it('SQLite works on the queue through indexes, and reads no state as a whole', async () => {
  const file = join(await temporaryFolder(), 'serve.db');
  const prepare = vi.spyOn(PromisedLibsql.prototype, 'prepare');
  const store = await openSqliteStore(file, undefined);
  onTestFinished(() => store.close());
  prepare.mockClear();
  // SQLite takes another index if a condition lists many values.
  await useFullSteps(store);
  await useQueue(store);
  const statements = new Set(prepare.mock.calls.map(([sql]) => sql));
  expect(statements.size).toBeGreaterThan(20);
  const listed = [...statements].map((sql) => sql.split('?').length - 1);
  expect(Math.max(...listed)).toBeGreaterThan(stepSize);

  const database = new Libsql(file);
  onTestFinished(() => {
    database.close();
  });
  const plans = [...statements].map((sql) => ({
    sql,
    steps: database
      .prepare(`explain query plan ${sql}`)
      .all()
      .map((row) => String(Object(row).detail)),
  }));
  const whole = /^SCAN (deliveries|events|delivery_attempts)\b|deliveries_state \(state=\?\)$/;
  const slow = plans.filter(
    ({ sql, steps }) =>
      // A scan in the order of the result ends at the limit.
      steps.some((step) => whole.test(step)) &&
      (!/limit \?($|\) as "found")/.test(sql) || steps.some((step) => step.endsWith('B-TREE FOR ORDER BY'))),
  );
  expect(slow).toEqual([]);
});

it('PostgreSQL works on a queue of 20,000 events through indexes', async () => {
  const { url, schema, query } = await postgresDatabase();
  const open = () => openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
  await (await open()).close();
  await query(`insert into events (event_id, workspace, type, received_at, sealed_body)
    select 'Old' || n, 'T' || n % 50, 'x', 3, ''::bytea from generate_series(1, 20000) n`);
  await query(`insert into deliveries (seq, workspace, state, waiting_since, attempts, rejections, sealed_headers)
    select seq, workspace, 'waiting', 3 + seq, 0, 0, ''::bytea from events`);
  await query('analyze');
  const read = async () => {
    const rows = await query(`select relname, seq_tup_read::int as read from pg_stat_user_tables
      where schemaname = '${schema}' and relname in ('deliveries', 'events') order by relname`);
    return rows.map((row) => Number(row['read']));
  };
  const before = await read();
  const store = await open();
  await useQueue(store);
  // Its sessions report what they have read when they end.
  await store.close();
  expect(await read()).toEqual(before);
  await query('select 1 from deliveries where failure is null');
  expect(await read()).not.toEqual(before);
});
