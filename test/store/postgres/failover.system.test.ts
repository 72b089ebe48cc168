import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import type { Store } from '../../../src/store/store.ts';
import { faultyLink } from '../../support/faulty-link.ts';
import { need } from '../../support/need.ts';
import { queryOnce } from '../../support/postgres.ts';
import { type PostgresServer, startPostgresServer, startStandby } from '../../support/postgres-server.ts';
import { timed } from '../../support/stopwatch.ts';
import { closedPort } from '../../support/tls-server.ts';
import { event } from '../store-suite.ts';

beforeEach(() => need('PostgreSQL server programs'));

interface Pair {
  readonly primary: PostgresServer;
  readonly standby: PostgresServer;
}

async function startPair(): Promise<Pair> {
  const primary = await startPostgresServer(onTestFinished);
  return { primary, standby: await startStandby(onTestFinished, primary) };
}

async function open(ports: readonly number[], parameters = ''): Promise<Store> {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const url = `postgres://postgres@${hosts}/postgres?${parameters}`;
  const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
  onTestFinished(() => store.close());
  return store;
}

let events = 0;
/** @returns the id of the event if it was stored, else undefined */
async function send(store: Store): Promise<string | undefined> {
  const id = `Ev${events++}`;
  return store.recordEvent(event(id)).then(
    () => id,
    () => undefined,
  );
}

/** Sends events one after the other, until one is stored; returns how long that took, in milliseconds. */
async function recoveryTime(store: Store): Promise<number> {
  const recovered = () => expect.poll(() => send(store), { interval: 50 }).toMatch(/^Ev/);
  return (await timed(recovered)).milliseconds;
}

const limit = 2_000;

describe('a store that names a primary and its standby', () => {
  it('writes to the primary, whichever is named first', async () => {
    const { primary, standby } = await startPair();
    const store = await open([standby.port, primary.port], 'target_session_attrs=read-write');
    expect(await send(store)).toMatch(/^Ev\d+$/);
    expect(await queryOnce(primary.url, 'select 1 from events')).toHaveLength(1);
  });

  it('keeps every event after a crash with a synchronous standby, and recovers within 2 s of the promotion', async () => {
    const { primary, standby } = await startPair();
    const store = await open([primary.port, standby.port]);
    await queryOnce(primary.url, "alter system set synchronous_standby_names = '*'");
    await queryOnce(primary.url, 'select pg_reload_conf()');
    const syncState = () => queryOnce(primary.url, 'select sync_state from pg_stat_replication');
    await expect.poll(syncState).toEqual([{ sync_state: 'sync' }]);

    const stored = new Set<string>();
    let sending = true;
    const senders = Array.from({ length: 8 }, async () => {
      while (sending) {
        const id = await send(store);
        if (id !== undefined) stored.add(id);
      }
    });
    await expect.poll(() => stored.size).toBeGreaterThan(100);
    await primary.stop();
    sending = false;
    await Promise.all(senders);
    expect(await send(store)).toBeUndefined();

    await queryOnce(standby.url, 'select pg_promote()');
    expect(await recoveryTime(store)).toBeLessThan(limit);
    const kept = new Set(
      (await queryOnce(standby.url, 'select event_id from events')).map((row) => row['event_id']),
    );
    expect([...stored].filter((id) => !kept.has(id))).toEqual([]);
  });

  it('recovers within 2 s of a promotion if the old primary does not respond any more', async () => {
    const { primary, standby } = await startPair();
    const link = await faultyLink(primary.port);
    const store = await open([link.port, standby.port]);
    expect(await send(store)).toMatch(/^Ev\d+$/);
    link.freeze();
    expect(await send(store)).toBeUndefined();
    await queryOnce(standby.url, 'select pg_promote()');
    expect(await recoveryTime(store)).toBeLessThan(limit);
    expect((await timed(() => send(store))).milliseconds).toBeLessThan(limit);
  });

  it('does not open while no host accepts writes, and says why for each', async () => {
    const { standby } = await startPair();
    const closed = await closedPort();
    await expect(open([standby.port, closed])).rejects.toMatchObject({
      code: 'store-unusable',
      exitCode: 3,
      message: expect.stringContaining(
        `no host accepts writes (127.0.0.1:${standby.port}: it accepts no writes; 127.0.0.1:${closed}: connection refused)`,
      ),
      hint: expect.stringContaining('Check that the server runs'),
    });
    await expect(open([standby.port], 'target_session_attrs=read-write')).rejects.toMatchObject({
      message: expect.stringContaining('it accepts no writes'),
      hint: expect.stringContaining('Name the primary'),
    });
  });
});
