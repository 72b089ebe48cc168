import { describe, expect, it, onTestFinished } from 'vitest';
import type { Claim } from '../../../src/store/delivery-queue.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import { faultyLink } from '../../support/faulty-link.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import { describeRotation } from '../rotation-suite.ts';
import { describeStore, event, type TestDatabase } from '../store-suite.ts';

async function createDatabase(): Promise<TestDatabase> {
  const { url, query } = await postgresDatabase();
  return {
    open: (encryptionKey, previousKey) =>
      openPostgresStore({ url, encryptionKey, previousKey, keepsTokens: true, cwd: '/' }),
    run: query,
    count: async (table) => (await query(`select 1 from ${table}`)).length,
    content: async () => {
      const names = await query('select tablename from pg_tables where schemaname = current_schema()');
      const tables = await Promise.all(names.map(({ tablename }) => query(`select * from ${tablename}`)));
      const values = tables.flat().flatMap((row) => Object.values(row));
      return Buffer.concat(
        values.map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value)))),
      );
    },
  };
}

describeStore('PostgreSQL', createDatabase);
describeRotation('PostgreSQL', createDatabase);

describe('the PostgreSQL store', () => {
  async function open(url: string) {
    const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
    onTestFinished(() => store.close());
    return store;
  }

  /** Opens it over a link on which a round trip takes 200 ms. */
  async function openFarAway(url: string) {
    const link = await faultyLink(Number(new URL(url).port) || 5432);
    link.setRoundTrip(200);
    const far = new URL(url);
    far.host = `127.0.0.1:${link.port}`;
    return open(far.href);
  }

  it('stores events that arrive together in one commit', async () => {
    const { url, query } = await postgresDatabase();
    const store = await open(url);
    await Promise.all(Array.from({ length: 500 }, (_, index) => store.recordEvent(event(`Ev${index}`))));
    // xmin is the transaction that wrote a row.
    const [row] = await query('select count(distinct xmin::text)::int as commits from events');
    expect(row?.['commits']).toBe(2);
  });

  it('stores every event of three replicas at once within 2.5 s if a round trip takes 200 ms', async () => {
    const { url, query } = await postgresDatabase();
    await open(url);
    const replicas = await Promise.all(Array.from({ length: 3 }, () => openFarAway(url)));
    // Each sends the next event when the last one is stored, so that commits of all replicas always overlap.
    const senders = Array.from({ length: 15 }, async (_, sender) => {
      const results: string[] = [];
      for (let nth = 0; nth < 3; nth++) {
        const next = event(`Ev${sender}-${nth}`, { workspace: `T${sender % 3}`, delivery: {} });
        results.push((await replicas[sender % 3]?.recordEvent(next, 2_500)) ?? 'no store');
      }
      return results;
    });
    expect((await Promise.all(senders)).flat()).toEqual(Array(45).fill('stored'));
    expect(await query('select 1 from deliveries')).toHaveLength(45);
  });

  it('claims and settles the events of 16 workspaces at once if a round trip takes 200 ms', async () => {
    const { url } = await postgresDatabase();
    const near = await open(url);
    const workspaces = Array.from({ length: 16 }, (_, index) => `T${index}`);
    for (const nth of [1, 2]) {
      const store = (workspace: string) =>
        near.recordEvent(event(`Ev${nth}-${workspace}`, { workspace, delivery: {} }));
      await Promise.all(workspaces.map(store));
    }
    const far = await openFarAway(url);
    const claims = await far.deliveries.claim(16, 60_000);
    expect(claims).toHaveLength(16);
    const settle = (claim: Claim) => far.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
    const next = await Promise.all(claims.map(settle));
    expect(next.map((claim) => claim?.delivery.eventId)).toEqual(
      claims.map(({ workspace }) => `Ev2-${workspace}`),
    );
  });

  it('commits events one by one if a statement fails whose response it does not wait for', async () => {
    const { url, query } = await postgresDatabase();
    const store = await open(url);
    await query('alter table workspaces add check (workspace <> $$T2$$)');
    const both = ['T1', 'T2'].map((workspace) =>
      store.recordEvent(event(`Ev${workspace}`, { workspace, delivery: {} })),
    );
    const [one, other] = await Promise.allSettled(both);
    expect([one?.status, other]).toMatchObject([
      'fulfilled',
      { reason: { message: expect.stringMatching(/check constraint/) } },
    ]);
    expect(await query('select event_id from events')).toEqual([{ event_id: 'EvT1' }]);
    expect(await store.recordEvent(event('EvT1', { workspace: 'T1', delivery: {} }))).toBe('known');
  });

  it('sets aside events that another replica stored without the key, and delivers the others', async () => {
    const { url } = await postgresDatabase();
    const open = (encryptionKey: string | undefined) =>
      openPostgresStore({ url, encryptionKey, keepsTokens: false, cwd: '/' });
    const without = await open(undefined);
    const store = await open(Buffer.alloc(32, 7).toString('base64'));
    const delivery = { 'content-type': 'application/json' };
    await without.recordEvent(event('Ev1', { delivery }));
    await store.recordEvent(event('Ev2', { delivery }));
    await store.recordEvent(event('Ev3', { workspace: 'T2', delivery }));
    await without.close();

    const claims = await store.deliveries.claim(9, 60_000);
    expect(claims.map(({ delivery: { eventId } }) => eventId).sort()).toEqual(['Ev2', 'Ev3']);
    expect(await store.deliveries.list({ state: 'set-aside', limit: 9 })).toMatchObject([
      { eventId: 'Ev1', attempts: 0, failure: 'encrypted with another key, or changed in the database' },
    ]);
    await store.close();
  });

  it('delivers the others, however many events cannot be decrypted', async () => {
    const { url } = await postgresDatabase();
    const without = await open(url);
    const encryptionKey = Buffer.alloc(32, 7).toString('base64');
    const store = await openPostgresStore({ url, encryptionKey, keepsTokens: false, cwd: '/' });
    onTestFinished(() => store.close());
    const delivery = {};
    await Promise.all(
      Array.from({ length: 3000 }, (_, index) => without.recordEvent(event(`Ev${index}`, { delivery }))),
    );
    await store.recordEvent(event('Behind', { delivery }));
    await store.recordEvent(event('Beside', { workspace: 'T2', delivery }));

    const claimed: string[] = [];
    for (let looks = 0; looks < 40; looks++) {
      const claims = await store.deliveries.claim(9, 60_000);
      claimed.push(...claims.map(({ delivery: { eventId } }) => eventId));
    }
    expect(claimed).toEqual(['Beside', 'Behind']);
    expect(await store.deliveries.lengths()).toMatchObject({ waiting: 2, setAside: 3000 });
  });

  it('changes any number of events in small steps', async () => {
    const { url, query } = await postgresDatabase();
    const { deliveries } = await open(url);
    const count = 2_500;
    await query(`insert into events (event_id, workspace, type, received_at, sealed_body)
      select 'Ev' || n, 'T' || n % 50, 'x', 1, ''::bytea from generate_series(1, ${count}) n`);
    await query(`insert into deliveries
      select seq, workspace, 'set-aside', 1, 3, 0, 'HTTP 400', ''::bytea from events`);
    await query(`create function few() returns trigger language plpgsql as $$ begin
      if (select count(*) from changed) > 1000 then raise exception 'too many at once'; end if;
      return null; end $$`);
    const each = 'table as changed for each statement execute function few()';
    await query(`create trigger updates after update on deliveries referencing new ${each}`);
    await query(`create trigger deletes after delete on deliveries referencing old ${each}`);

    expect(await deliveries.retry('all-set-aside')).toBe(count);
    expect(await deliveries.expire({ waiting: Date.now() + 60_000, setAside: 0 })).toBe(count);
    expect(await deliveries.drop('all-set-aside')).toBe(count);
    expect(await query('select 1 from deliveries')).toEqual([]);
    await query(`insert into deliveries
      select seq, workspace, 'set-aside', 1, 3, 0, 'HTTP 400', ''::bytea from events`);
    expect(await deliveries.expire({ waiting: 0, setAside: 2 })).toBe(0);
    expect(await query('select 1 from deliveries')).toEqual([]);
  });

  it('retries the selected events, but not those that are set aside meanwhile', async () => {
    const { url, connect } = await postgresDatabase();
    const store = await open(url);
    const { deliveries } = store;
    for (const id of ['T1', 'T2']) await store.recordEvent(event(`Ev${id}`, { workspace: id, delivery: {} }));
    const claims = await deliveries.claim(2, 60_000);
    const setAside = async (workspace: string) => {
      const claim = claims.find((one) => one.workspace === workspace);
      if (claim) await deliveries.settle(claim, { kind: 'set-aside', failure: 'HTTP 400' }, 60_000);
    };
    await setAside('T1');
    const other = await connect();
    await other.query('begin');
    await other.query("select 1 from workspaces where workspace = 'T1' for update");
    const retried = deliveries.retry('all-set-aside');
    const waiting = 'select pid from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))';
    await expect.poll(async () => (await other.query(waiting)).rows).toHaveLength(1);
    await setAside('T2');
    await other.query('commit');
    expect(await retried).toBe(1);
    const states = (await deliveries.list({ limit: 9 })).map(({ eventId, state }) => [eventId, state]);
    expect(states).toEqual([
      ['EvT1', 'waiting'],
      ['EvT2', 'set-aside'],
    ]);
    expect((await deliveries.claim(9, 60_000)).map(({ workspace }) => workspace)).toEqual(['T1']);
  });
});
