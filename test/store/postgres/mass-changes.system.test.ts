import { expect, it, onTestFinished } from 'vitest';
import type { Claim } from '../../../src/store/delivery-queue.ts';
import { stepSize } from '../../../src/store/in-steps.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import type { Store } from '../../../src/store/store.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import { startPostgresServer } from '../../support/postgres-server.ts';
import { event } from '../store-suite.ts';

const many = 20 * stepSize;

/** What a statement reads at the start of an index whose first entries are dead: those of a few steps. */
const few = 4 * stepSize;

/**
 * A queue of its own server, in which many events wait in one workspace. Nothing else holds a snapshot there that keeps
 * dead rows, and nothing removes them.
 */
async function longQueue() {
  const server = await startPostgresServer(onTestFinished, ['autovacuum=off']);
  const { url, query } = await postgresDatabase(server.url);
  /** Opens a store, uses it, and returns how many entries it has read in each index of the queue. */
  const use = async (work: (store: Store) => Promise<unknown>) => {
    const read = async () =>
      new Map(
        (
          await query(
            "select indexrelname, idx_tup_read::int from pg_stat_user_indexes where relname = 'deliveries'",
          )
        ).map((row) => [String(row['indexrelname']), Number(row['idx_tup_read'])]),
      );
    const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
    const before = await read();
    try {
      await work(store);
    } finally {
      // Its sessions report what they have read when they end.
      await store.close();
    }
    return new Map([...(await read())].map(([index, count]) => [index, count - (before.get(index) ?? 0)]));
  };
  await use(async () => undefined);
  await query(`insert into events (event_id, workspace, type, received_at, sealed_body)
    select 'Ev' || n, 'T1', 'x', n, '\\x007b7d' from generate_series(1, ${many}) n`);
  await query(`insert into deliveries
    select seq, workspace, 'waiting', received_at, 0, 0, null, '\\x007b7d', 6 from events`);
  await query("insert into workspaces values ('T1', 1, 0, null)");
  await use((store) => store.recordEvent(event('Last', { delivery: {} })));
  await query('analyze');
  return { query, use };
}

it('reads few index entries after a mass change, though nothing has vacuumed the table', async () => {
  const { use } = await longQueue();
  await use(async ({ deliveries }) => {
    expect(await deliveries.expire({ waiting: many + 1, setAside: 0 })).toBe(many);
  });
  const afterExpiry = await use(async ({ deliveries }) => {
    const [claim] = await deliveries.claim(1, 60_000);
    expect(claim?.delivery.eventId).toBe('Last');
    if (claim) await deliveries.settle(claim, { kind: 'not-attempted', afterMs: 0 }, 60_000);
    expect(await deliveries.lengths()).toMatchObject({ waiting: 1, setAside: many });
    expect(await deliveries.list({ state: 'waiting', limit: 9 })).toHaveLength(1);
    expect(await deliveries.list({ state: 'set-aside', limit: 9 })).toHaveLength(9);
  });
  for (const [index, entries] of afterExpiry) expect([index, entries < few]).toEqual([index, true]);

  const progress: (number | string)[] = [];
  await use(async ({ deliveries }) => {
    const onProgress = (changed: number) => progress.push(changed);
    expect(await deliveries.drop('all-set-aside', onProgress, () => progress.push('vacuum'))).toBe(many);
  });
  expect(progress.slice(-2)).toEqual([many, 'vacuum']);
  const afterDrop = await use(async ({ deliveries }) => {
    expect(await deliveries.lengths()).toMatchObject({ waiting: 1, setAside: 0 });
    expect(await deliveries.list({ limit: 9 })).toHaveLength(1);
    expect(await deliveries.list({ state: 'set-aside', limit: 9 })).toEqual([]);
    expect(await deliveries.retry('all-set-aside')).toBe(0);
  });
  for (const [index, entries] of afterDrop) expect([index, entries < few]).toEqual([index, true]);
});

it('counts the queue in one row for each session, and writes none for an attempt that changes no count', async () => {
  const { url, query } = await postgresDatabase();
  const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
  onTestFinished(() => store.close());
  const { deliveries } = store;
  for (let count = 0; count < 50; count++) await store.recordEvent(event(`Ev${count}`, { delivery: {} }));
  const settled = { kind: 'delivered' } as const;
  let claim: Claim | undefined = (await deliveries.claim(1, 60_000))[0];
  for (let count = 0; claim && count < 40; count++) claim = await deliveries.settle(claim, settled, 60_000);
  expect((await deliveries.lengths()).waiting).toBe(10);
  const counts = () => query('select session, xmin::text, waiting from queue_lengths order by session');
  const before = await counts();
  // No more than a store has connections.
  expect(before.length).toBeLessThan(11);
  if (claim)
    await deliveries.settle(claim, { kind: 'retry', afterMs: 0, failure: 'x', rejected: true }, 60_000);
  expect(await deliveries.list({ limit: 1 })).toMatchObject([{ attempts: 1 }]);
  expect(await counts()).toEqual(before);
});

it.each(['commits', 'rolls back'])(
  'adds up the counts of sessions after another process that does so at the same time %s',
  async (end) => {
    const { url, query, connect } = await postgresDatabase();
    const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
    onTestFinished(() => store.close());
    for (let count = 0; count < 5; count++) await store.recordEvent(event(`Ev${count}`, { delivery: {} }));
    // Each session has counted, also those that are about to expire events.
    await query(`insert into queue_lengths select 0, 0, 0, pid from pg_stat_activity on conflict do nothing`);
    const other = await connect();
    await other.query('begin');
    await other.query(`with gone as (delete from queue_lengths returning *)
      insert into queue_lengths select sum(waiting), sum(set_aside), sum(bytes), 0 from gone`);
    const [session] = (await other.query('select pg_backend_pid() as pid')).rows;
    const expiry = store.deliveries.expire({ waiting: 0, setAside: 0 });
    const blocked = `select 1 from pg_stat_activity where ${session.pid} = any(pg_blocking_pids(pid))`;
    await expect.poll(() => query(blocked)).toHaveLength(1);
    await other.query(end === 'commits' ? 'commit' : 'rollback');
    expect(await expiry).toBe(0);
    expect(await store.deliveries.lengths()).toMatchObject({ waiting: 5, setAside: 0 });
  },
);
