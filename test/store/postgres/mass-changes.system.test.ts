import { describe, expect, it, onTestFinished } from 'vitest';
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

/** What all steps of a mass change read in an index: their own entries, and those of the step before. */
const inProportion = 6 * many;

/**
 * A store on its own server. Nothing else holds a snapshot there that keeps dead rows, and nothing removes them or updates
 * the statistics.
 */
async function startStore() {
  const server = await startPostgresServer(onTestFinished, ['autovacuum=off']);
  const { url, query } = await postgresDatabase(server.url);
  const read = async () => {
    const rows = await query(`
      select indexrelname as name, 'entries' as unit, idx_tup_read::int as count from pg_stat_user_indexes
      union all select relname, 'rows', seq_tup_read::int from pg_stat_user_tables`);
    return new Map(rows.map(({ name, unit, count }) => [`${unit} of ${name}`, Number(count)]));
  };
  /** Opens a store, uses it, and returns where it has read more than a limit: in each index, and in each table without one. */
  const readsBeyond = async (limit: number, work: (store: Store) => Promise<unknown>) => {
    const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
    const before = await read();
    try {
      await work(store);
    } finally {
      // Its sessions report what they have read when they end.
      await store.close();
    }
    return [...(await read())]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
      .filter(([, count]) => count > limit);
  };
  /**
   * The same in indexes alone, for changes of many rows by their keys: of a table as small as this one PostgreSQL rather
   * reads all, since it knows the size without statistics.
   */
  const entriesBeyond = async (limit: number, work: (store: Store) => Promise<unknown>) =>
    (await readsBeyond(limit, work)).filter(([name]) => name.startsWith('entries'));
  /** Stores events of usual size in one workspace, which waits with them. */
  const fill = async (id: string, count: number, workspace: string) => {
    const content = (length: number) => `'\\x007b7d'::bytea || repeat(' ', ${length})::bytea`;
    await query(`insert into events (event_id, workspace, type, received_at, sealed_body)
      select '${id}' || n, '${workspace}', 'x', n, ${content(800)} from generate_series(1, ${count}) n`);
    await query(`insert into deliveries select seq, workspace, 'waiting', received_at, 0, 0, null, ${content(400)}, 1200
      from events where event_id like '${id}%'`);
    await query(`insert into workspaces values ('${workspace}', 1, 0, null) on conflict do nothing`);
  };
  await readsBeyond(few, async () => undefined);
  return { query, fill, readsBeyond, entriesBeyond };
}

/** Makes the statistics of a queue while it is filled. */
const statistics = {
  'no statistics': ({ fill }) => fill('Ev', many, 'T1'),
  'the statistics of a nearly empty queue': async ({ fill, query }) => {
    await fill('First', 9, 'T1');
    await query('analyze');
    await fill('Ev', many - 9, 'T1');
  },
  'its statistics': async ({ fill, query }) => {
    await fill('Ev', many, 'T1');
    await query('analyze');
  },
} satisfies Record<string, (store: Awaited<ReturnType<typeof startStore>>) => Promise<unknown>>;

describe.each(Object.entries(statistics))('a long queue with %s', (_, fillQueue) => {
  it('is read in proportion by a mass change, and little after it, though nothing has vacuumed the table', async () => {
    const started = await startStore();
    await fillQueue(started);
    const { readsBeyond, entriesBeyond } = started;
    const changes = await entriesBeyond(inProportion, async (store) => {
      await store.recordEvent(event('Last', { delivery: {} }));
      expect(await store.deliveries.expire({ waiting: many + 1, setAside: 0 })).toBe(many);
    });
    expect(changes).toEqual([]);
    const afterExpiry = await readsBeyond(few, async ({ deliveries }) => {
      const [claim] = await deliveries.claim(1, 60_000);
      expect(claim?.delivery.eventId).toBe('Last');
      if (claim) await deliveries.settle(claim, { kind: 'not-attempted', afterMs: 0 }, 60_000);
      expect(await deliveries.lengths()).toMatchObject({ waiting: 1, setAside: many });
      expect(await deliveries.list({ state: 'waiting', limit: 9 })).toHaveLength(1);
      expect(await deliveries.list({ state: 'set-aside', limit: 9 })).toHaveLength(9);
      expect(await deliveries.list({ workspace: 'T1', limit: 9 })).toHaveLength(9);
      expect(await deliveries.list({ state: 'delivered', limit: 9 })).toEqual([]);
    });
    expect(afterExpiry).toEqual([]);

    const retried = await entriesBeyond(inProportion, async ({ deliveries }) => {
      expect(await deliveries.retry('all-set-aside')).toBe(many);
    });
    expect(retried).toEqual([]);
    const expiredAgain = await entriesBeyond(inProportion, async ({ deliveries }) => {
      expect(await deliveries.expire({ waiting: Date.now() + 60_000, setAside: 0 })).toBe(many + 1);
    });
    expect(expiredAgain).toEqual([]);
    const progress: (number | string)[] = [];
    const dropped = await entriesBeyond(inProportion, async ({ deliveries }) => {
      const onProgress = (changed: number) => progress.push(changed);
      const onVacuum = () => progress.push('vacuum');
      expect(await deliveries.drop('all-set-aside', onProgress, onVacuum)).toBe(many + 1);
    });
    expect(dropped).toEqual([]);
    expect(progress.slice(-2)).toEqual([many + 1, 'vacuum']);
    const afterDrop = await readsBeyond(few, async ({ deliveries }) => {
      expect(await deliveries.lengths()).toMatchObject({ waiting: 0, setAside: 0 });
      expect(await deliveries.list({ limit: 9 })).toEqual([]);
      expect(await deliveries.list({ state: 'set-aside', limit: 9 })).toEqual([]);
      expect(await deliveries.retry('all-set-aside')).toBe(0);
    });
    expect(afterDrop).toEqual([]);
    const pruned = await entriesBeyond(inProportion, (store) =>
      store.prune({ eventsBefore: Date.now() + 60_000, now: 0 }),
    );
    expect(pruned).toEqual([]);
  });
});

it('finds the events of one workspace without those of others, though the statistics know only its own', async () => {
  const { fill, query, readsBeyond } = await startStore();
  await fill('Ev', stepSize, 'T1');
  await query('analyze');
  await query('delete from deliveries');
  await fill('Other', many, 'T2');
  const reads = await readsBeyond(few, async (store) => {
    await store.recordEvent(event('Last', { workspace: 'T1', delivery: {} }));
    const { deliveries } = store;
    const claims = await deliveries.claim(2, 60_000);
    expect(claims.map(({ delivery: { eventId } }) => eventId).sort()).toEqual(['Last', 'Other1']);
    for (const claim of claims) await deliveries.settle(claim, { kind: 'delivered' }, 60_000);
    expect(await deliveries.list({ workspace: 'T1', limit: 9 })).toEqual([]);
    expect(await deliveries.list({ state: 'waiting', workspace: 'T2', limit: 9 })).toHaveLength(9);
    expect(await deliveries.list({ state: 'delivered', limit: 9 })).toHaveLength(2);
  });
  expect(reads).toEqual([]);
});

it('reads few of the handled requests to find that the time of none is over', async () => {
  const { query, readsBeyond } = await startStore();
  await query(`insert into handled_requests
    select n, 'Replica', 0, 9e15, null from generate_series(1, ${many}) n`);
  expect(await readsBeyond(few, (store) => store.prune({ eventsBefore: 0, now: 0 }))).toEqual([]);
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
