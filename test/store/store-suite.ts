import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type AttemptResult, type Claim, maxBackoffMs } from '../../src/store/delivery-queue.ts';
import type { EndedInstallation, Installation } from '../../src/store/installations.ts';
import type { ReceivedEvent, Store } from '../../src/store/store.ts';
import { randomNumbers } from '../support/random.ts';

/** A database for one test. */
export interface TestDatabase {
  /** Opens a store on it. Several can be open at once, like replicas. */
  open(encryptionKey?: string, previousKey?: string): Promise<Store>;
  /** Counts the rows of a table, directly in the database. */
  count(table: string): Promise<number>;
  /** Runs a statement directly in the database. It must return rows. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** All bytes of the database. */
  content(): Promise<Buffer>;
}

const time = Date.UTC(2026, 10, 23);
const key = Buffer.alloc(32, 7).toString('base64');

export function event(eventId: string, more: Partial<ReceivedEvent> = {}): ReceivedEvent {
  return {
    eventId,
    workspace: 'T1',
    type: 'app_mention',
    body: Buffer.from(`{"event_id":"${eventId}"}`),
    ...more,
  };
}

export function installation(id: string, more: Partial<Installation> = {}): Installation {
  return {
    id,
    orgWide: false,
    teamId: id,
    teamName: 'Ops',
    enterpriseId: null,
    enterpriseName: null,
    appId: 'A1',
    botUserId: 'U0BOT',
    scopes: 'commands,chat:write',
    installedBy: 'U1',
    installedAt: time,
    tokens: { bot: `xoxb-${id}` },
    ...more,
  };
}

const orgWide = (id: string) =>
  installation(id, { orgWide: true, teamId: null, teamName: null, enterpriseId: id, enterpriseName: 'Corp' });

/** The tests that a store must pass with any database. */
export function describeStore(name: string, createDatabase: () => Promise<TestDatabase>): void {
  describe(name, () => {
    const opened: Store[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    async function start(): Promise<{ database: TestDatabase; store: Store; open(): Promise<Store> }> {
      const database = await createDatabase();
      const open = async () => {
        const store = await database.open(key);
        opened.push(store);
        return store;
      };
      return { database, store: await open(), open };
    }

    describe('events', () => {
      it('stores an event once', async () => {
        const { database, store } = await start();
        expect(await store.recordEvent(event('Ev1'))).toBe('stored');
        expect(await store.recordEvent(event('Ev1'))).toBe('known');
        expect(await store.recordEvent(event('Ev2'))).toBe('stored');
        expect(await database.count('events')).toBe(2);
      });

      it('stores an event once that arrives many times at once', async () => {
        const { database, store } = await start();
        const ids = Array.from({ length: 600 }, (_, index) => `Ev${index % 200}`);
        const outcomes = await Promise.all(ids.map((id) => store.recordEvent(event(id))));
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(200);
        expect(await database.count('events')).toBe(200);
      });

      it('stores an event once that arrives at two replicas', async () => {
        const { database, store, open } = await start();
        const replica = await open();
        const outcomes: string[] = [];
        for (let round = 0; round < 20; round++) {
          // In the opposite order, which would deadlock if the transactions locked one another's rows.
          const ids = Array.from({ length: 50 }, (_, index) => `Ev${round}-${index}`);
          const sent = [
            ...ids.map((id) => store.recordEvent(event(id))),
            ...ids.toReversed().map((id) => replica.recordEvent(event(id))),
          ];
          outcomes.push(...(await Promise.all(sent)));
        }
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1000);
        expect(await database.count('events')).toBe(1000);
      });

      it('stores any bytes, and none of them unencrypted', async () => {
        const { database, store } = await start();
        const body = Buffer.from('{"token":"verification-token-in-clear"}\0\xff', 'latin1');
        await store.recordEvent(event('Ev1', { body }));
        await store.recordEvent(event('Ev2', { body: Buffer.alloc(1024 * 1024, 'z') }));
        const content = await database.content();
        expect(content.includes('Ev1')).toBe(true);
        expect(content.includes('verification-token')).toBe(false);
      });

      it('deletes only old events, and none that is still to be forwarded', async () => {
        const { database, store } = await start();
        const old = Array.from({ length: 2500 }, (_, index) =>
          store.recordEvent(event(`Old${index}`, index % 2 === 0 ? {} : { delivery: {} })),
        );
        await Promise.all([...old, store.recordEvent(event('New'))]);
        await database.run(
          `update events set received_at = ${time - 1} where event_id like 'Old%' returning seq`,
        );
        await store.prune({ eventsBefore: time, now: time });
        expect(await database.count('events')).toBe(1251);
        expect(await store.recordEvent(event('New'))).toBe('known');
        expect(await store.recordEvent(event('Old0'))).toBe('stored');
        expect(await store.recordEvent(event('Old1'))).toBe('known');
      });
    });

    it('checks whether an event could be stored, and leaves none behind', async () => {
      const { database, store } = await start();
      await store.check();
      expect(await database.count('events')).toBe(0);
    });

    it('stores the neighbours of an event that the database rejects', async () => {
      const { store } = await start();
      await store.installations.save(installation('T1'));
      const poison = event('Poison', { ends: { teamId: 'T1', endedAt: 1e303 } });
      const results = await Promise.allSettled(
        [event('Ev1'), poison, event('Ev2')].map((each) => store.recordEvent(each)),
      );
      const stored = { status: 'fulfilled', value: 'stored' };
      expect([results[0], results[2]]).toEqual([stored, stored]);
    });

    it("stamps what it stores by the database's clock", async () => {
      const { database, store } = await start();
      const before = await store.readClock();
      await store.recordEvent(event('Ev1', { delivery: {} }));
      const [row] = await database.run(
        'select received_at, waiting_since from events natural join deliveries',
      );
      const after = await store.readClock();
      for (const stamp of [row?.['received_at'], row?.['waiting_since']].map(Number)) {
        expect(stamp).toBeGreaterThanOrEqual(before);
        expect(stamp).toBeLessThanOrEqual(after);
      }
    });

    describe('deliveries', () => {
      const lease = 60_000;
      const queued = (eventId: string, more: Partial<ReceivedEvent> = {}) =>
        event(eventId, { delivery: { 'content-type': 'application/json' }, ...more });
      const delivered = { kind: 'delivered' } as const;
      const again = (afterMs: number) =>
        ({ kind: 'retry', afterMs, failure: 'HTTP 500', rejected: false }) as const;

      async function claimOne(store: Store): Promise<Claim> {
        const [claim] = await store.deliveries.claim(1, lease);
        if (!claim) throw new Error('nothing is due');
        return claim;
      }

      it('contain what was stored, one workspace after the other', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1', { body: Buffer.from([0, 255, 10]) }));
        await store.recordEvent(queued('Ev2', { workspace: 'T2' }));
        await store.recordEvent(event('Ev3'));
        const claims = await store.deliveries.claim(9, lease);
        expect(claims.map(({ workspace, delivery }) => [workspace, delivery.eventId]).sort()).toEqual([
          ['T1', 'Ev1'],
          ['T2', 'Ev2'],
        ]);
        const claim = claims.find(({ workspace }) => workspace === 'T1');
        expect(claim?.delivery).toMatchObject({
          type: 'app_mention',
          headers: { 'content-type': 'application/json' },
          attempts: 0,
          rejections: 0,
        });
        expect(Buffer.from(claim?.delivery.body ?? [])).toEqual(Buffer.from([0, 255, 10]));
      });

      it('are queued once, however often the event arrives', async () => {
        const { store } = await start();
        await Promise.all([store.recordEvent(queued('Ev1')), store.recordEvent(queued('Ev1'))]);
        expect(await store.deliveries.settle(await claimOne(store), delivered, lease)).toBeUndefined();
        await store.recordEvent(queued('Ev1'));
        expect(await store.deliveries.claim(1, lease)).toEqual([]);
        expect((await store.deliveries.lengths()).waiting).toBe(0);
      });

      it('follow one another under one lease, and a later event makes the workspace due again', async () => {
        const { store } = await start();
        for (const id of ['Ev1', 'Ev2', 'Ev3']) await store.recordEvent(queued(id));
        const order: string[] = [];
        let claim: Claim | undefined = await claimOne(store);
        while (claim) {
          order.push(claim.delivery.eventId);
          claim = await store.deliveries.settle(claim, delivered, lease);
        }
        expect(order).toEqual(['Ev1', 'Ev2', 'Ev3']);
        await store.recordEvent(queued('Ev4'));
        expect((await claimOne(store)).delivery.eventId).toBe('Ev4');
      });

      it('of a workspace belong to one replica at a time', async () => {
        const { store, open } = await start();
        const replica = await open();
        for (const workspace of ['T1', 'T2', 'T3', 'T4']) {
          await store.recordEvent(queued(`Ev${workspace}`, { workspace }));
        }
        const claims = await Promise.all(
          [store, replica, store, replica].map(({ deliveries }) => deliveries.claim(2, lease)),
        );
        const workspaces = claims.flat().map(({ workspace }) => workspace);
        expect(workspaces).toHaveLength(new Set(workspaces).size);
        expect(
          [
            ...workspaces,
            ...(await store.deliveries.claim(9, lease)).map(({ workspace }) => workspace),
          ].sort(),
        ).toEqual(['T1', 'T2', 'T3', 'T4']);
      });

      it('of a replica that has died go to another one when the lease ends', async () => {
        const { store, open } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.recordEvent(queued('Ev2'));
        const [lost] = await store.deliveries.claim(1, 1);
        const replica = await open();
        await expect.poll(async () => (await replica.deliveries.claim(1, lease)).length).toBe(1);
        if (!lost) throw new Error('nothing was due');
        // The late result of the first one: the event is delivered, but the lease belongs to another replica.
        expect(await store.deliveries.settle(lost, delivered, lease)).toBeUndefined();
        expect(await store.deliveries.claim(1, lease)).toEqual([]);
        expect((await store.deliveries.lengths()).waiting).toBe(1);
      });

      it('are settled together, each with its own result', async () => {
        const { store } = await start();
        const ids = ['Ev1', 'Ev2', 'Ev3', 'Ev4', 'Ev5'];
        for (const id of ids) await store.recordEvent(queued(id, { workspace: `T-${id}` }));
        await store.recordEvent(queued('Ev6', { workspace: 'T-Ev1' }));
        const claims = await store.deliveries.claim(9, lease);
        const results: Record<string, AttemptResult> = {
          Ev1: delivered,
          Ev2: again(0),
          Ev3: { kind: 'set-aside', failure: 'HTTP 400' },
          Ev4: { kind: 'not-attempted', afterMs: 0 },
          Ev5: delivered,
        };
        const next = await Promise.all(
          claims.map((claim) =>
            store.deliveries.settle(claim, results[claim.delivery.eventId] ?? delivered, lease),
          ),
        );
        expect(next.flatMap((claim) => claim?.delivery.eventId ?? [])).toEqual(['Ev6']);
        const listed = await store.deliveries.list({ limit: 9 });
        expect(
          listed.map(({ eventId, state, attempts }) => `${eventId} ${state} ${attempts}`).sort(),
        ).toEqual(['Ev2 waiting 1', 'Ev3 set-aside 1', 'Ev4 waiting 0', 'Ev6 waiting 0']);
        expect((await store.events.find('Ev5'))?.state).toBe('delivered');
        const due = await store.deliveries.claim(9, lease);
        expect(due.map(({ delivery }) => delivery.eventId).sort()).toEqual(['Ev2', 'Ev4']);
      });

      it('are settled even if two claims of one event end at once', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1'));
        const [first] = await store.deliveries.claim(1, 0);
        const second = await claimOne(store);
        if (!first) throw new Error('nothing was due');
        const settled = [first, second].map((claim) => store.deliveries.settle(claim, delivered, lease));
        expect(await Promise.all(settled)).toEqual([undefined, undefined]);
        expect((await store.events.find('Ev1'))?.attempts).toHaveLength(1);
      });

      it('that fail wait with those behind them, and their attempts are counted', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.recordEvent(queued('Ev2'));
        expect(
          await store.deliveries.settle(await claimOne(store), again(maxBackoffMs), lease),
        ).toBeUndefined();
        expect(await store.deliveries.claim(1, lease)).toEqual([]);
        await store.recordEvent(queued('Ev3'));
        expect(await store.deliveries.claim(1, lease)).toEqual([]);
        expect(await store.deliveries.retry({ eventIds: ['Ev2'] })).toBe(1);
        expect((await claimOne(store)).delivery).toMatchObject({
          eventId: 'Ev1',
          attempts: 1,
          rejections: 0,
        });
      });

      it('do not wait longer if the clock of the database is set back', async () => {
        const { database, store } = await start();
        await store.recordEvent(queued('Ev1'));
        await database.run('update workspaces set due_at = due_at + 3600000 returning workspace');
        expect((await claimOne(store)).delivery.eventId).toBe('Ev1');
      });

      it('belong to one replica for at most a whole lease if the clock is set back', async () => {
        const { database, store } = await start();
        await store.recordEvent(queued('Ev1'));
        const held = await claimOne(store);
        await database.run('update workspaces set leased_until = leased_until + 3600000 returning workspace');
        // The holder may still be sending: it keeps the lease for its time.
        const short = 300;
        const seen = await store.readClock();
        expect(await store.deliveries.claim(1, short)).toEqual([]);
        const [row] = await database.run('select leased_until from workspaces');
        expect(Number(row?.['leased_until']) - seen).toBeGreaterThanOrEqual(short);
        await expect.poll(async () => (await store.deliveries.claim(1, short)).length).toBe(1);
        expect(await store.deliveries.settle(held, again(0), short)).toBeUndefined();
      });

      it('that were not attempted stay unchanged', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.deliveries.settle(await claimOne(store), { kind: 'not-attempted', afterMs: 0 }, lease);
        expect((await claimOne(store)).delivery).toMatchObject({ eventId: 'Ev1', attempts: 0 });
      });

      it('that are set aside do not block others, and can be retried', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.recordEvent(queued('Ev2'));
        const aside = { kind: 'set-aside', failure: 'HTTP 400' } as const;
        const next = await store.deliveries.settle(await claimOne(store), aside, lease);
        expect(next?.delivery.eventId).toBe('Ev2');
        expect(await store.deliveries.list({ limit: 9 })).toEqual([
          expect.objectContaining({ eventId: 'Ev1', state: 'set-aside', attempts: 1, failure: 'HTTP 400' }),
          expect.objectContaining({ eventId: 'Ev2', state: 'waiting', attempts: 0, failure: null }),
        ]);
        if (next) await store.deliveries.settle(next, delivered, lease);
        expect(await store.deliveries.retry('all-set-aside')).toBe(1);
        expect((await claimOne(store)).delivery).toMatchObject({
          eventId: 'Ev1',
          attempts: 0,
          rejections: 0,
        });
      });

      it('can be discarded', async () => {
        const { store } = await start();
        for (const id of ['Ev1', 'Ev2', 'Ev3']) await store.recordEvent(queued(id));
        const aside = { kind: 'set-aside', failure: 'HTTP 400' } as const;
        await store.deliveries.settle(await claimOne(store), aside, lease);
        expect(await store.deliveries.count({ eventIds: ['Ev2', 'unknown'] })).toBe(1);
        expect(await store.deliveries.count('all-set-aside')).toBe(1);
        expect(await store.deliveries.drop({ eventIds: ['Ev2', 'unknown'] })).toBe(1);
        expect(await store.deliveries.drop('all-set-aside')).toBe(1);
        expect((await store.deliveries.list({ limit: 9 })).map(({ eventId }) => eventId)).toEqual(['Ev3']);
      });

      it('that expired during an attempt stay set aside when it fails', async () => {
        const { store } = await start();
        await store.recordEvent(queued('Ev1'));
        const claim = await claimOne(store);
        expect(await store.deliveries.expire({ waiting: Date.now() + 60_000, setAside: 0 })).toBe(1);
        await store.deliveries.settle(claim, again(0), lease);
        expect(await store.deliveries.list({ limit: 9 })).toMatchObject([
          { eventId: 'Ev1', state: 'set-aside' },
        ]);
        expect(await store.deliveries.claim(1, lease)).toEqual([]);
      });

      it('expire after their time, and are not deleted with old events', async () => {
        const { database, store } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.recordEvent(queued('Ev2'));
        await database.run(`update events set received_at = ${time} returning seq`);
        await database.run(`update deliveries set waiting_since = ${time} returning seq`);
        await database.run(`update deliveries set waiting_since = ${time - 1} where seq = 1 returning seq`);
        await store.prune({ eventsBefore: time + 1, now: time });
        expect(await database.count('events')).toBe(2);
        expect(await store.deliveries.lengths()).toMatchObject({
          waiting: 2,
          setAside: 0,
          waitingSince: time - 1,
        });
        expect(await store.deliveries.expire({ waiting: time, setAside: 0 })).toBe(1);
        expect(await store.deliveries.lengths()).toMatchObject({
          waiting: 1,
          setAside: 1,
          waitingSince: time,
        });
        expect((await claimOne(store)).delivery.eventId).toBe('Ev2');
        // However long it had waited, it is kept from when it was set aside.
        await store.deliveries.expire({ waiting: 0, setAside: time });
        expect(await database.count('deliveries')).toBe(2);
        await store.deliveries.expire({ waiting: 0, setAside: Date.now() + 60_000 });
        await store.prune({ eventsBefore: time + 1, now: time });
        expect(await database.count('events')).toBe(1);
      });

      it('wait for the next time when expiry is told to stop', async () => {
        const { database, store } = await start();
        await store.recordEvent(queued('Ev1'));
        await store.recordEvent(event('Ev2'));
        const stopped = AbortSignal.abort();
        const before = { waiting: Date.now() + 60_000, setAside: 0 };
        const old = { eventsBefore: Date.now() + 60_000, now: time };
        expect(await store.deliveries.expire(before, stopped)).toBe(0);
        await store.prune(old, stopped);
        expect(await store.deliveries.lengths()).toMatchObject({ waiting: 1, setAside: 0 });
        expect(await database.count('events')).toBe(2);
        expect(await store.deliveries.expire(before)).toBe(1);
        await store.prune(old);
        expect(await database.count('events')).toBe(1);
      });

      it('are counted, whatever changes them, and the counts are folded into one row', async () => {
        const { database, store } = await start();
        for (const id of ['Ev1', 'Ev2', 'Ev3', 'Ev4']) await store.recordEvent(queued(id));
        const aside = { kind: 'set-aside', failure: 'HTTP 400' } as const;
        const next = await store.deliveries.settle(await claimOne(store), aside, lease);
        if (next) await store.deliveries.settle(next, delivered, lease);
        await database.run(`update deliveries set state = 'set-aside' where seq = 4 returning seq`);
        expect(await store.deliveries.lengths()).toMatchObject({ waiting: 1, setAside: 2 });
        await store.deliveries.expire({ waiting: 0, setAside: 0 });
        expect(await database.count('queue_lengths')).toBe(1);
        expect(await store.deliveries.lengths()).toMatchObject({ waiting: 1, setAside: 2 });
        expect(await store.deliveries.drop('all-set-aside')).toBe(2);
        expect(await store.deliveries.lengths()).toMatchObject({ waiting: 1, setAside: 0 });
      });

      it('are refused beyond the limit of the queue, except those that are stored already', async () => {
        const { database, store, open } = await start();
        const other = await open();
        const queueLimit = { events: 3, bytes: 2 ** 20 };
        const record = (id: string, one = store) => one.recordEvent(queued(id, { queueLimit }));
        expect(await Promise.all(['Ev1', 'Ev2', 'Ev1'].map((id) => record(id)))).toEqual([
          'stored',
          'stored',
          'known',
        ]);
        expect(await Promise.all(['Ev2', 'Ev3', 'Ev4'].map((id) => record(id, other)))).toEqual([
          'known',
          'stored',
          'queue-full',
        ]);
        expect(await record('Ev1')).toBe('known');
        expect(await record('Ev4')).toBe('queue-full');
        expect(await store.recordEvent(event('Beside', { queueLimit }))).toBe('stored');
        expect(await database.count('events')).toBe(4);
        // Dead letters need room too.
        const aside = { kind: 'set-aside', failure: 'HTTP 400' } as const;
        await store.deliveries.settle(await claimOne(store), aside, lease);
        expect(await record('Ev4')).toBe('queue-full');
        expect(await store.deliveries.drop('all-set-aside')).toBe(1);
        expect(await record('Ev4')).toBe('stored');
      });

      it('are refused beyond the size of the queue, which is that of their encrypted bodies and headers', async () => {
        const { database, store } = await start();
        const body = Buffer.alloc(5000);
        const record = (id: string, more = {}) =>
          store.recordEvent(queued(id, { body, queueLimit: { events: 9, bytes: 12_000 }, ...more }));
        expect([await record('Ev1'), await record('Ev2'), await record('Ev3')]).toEqual([
          'stored',
          'stored',
          'queue-full',
        ]);
        expect(await record('Small', { body: Buffer.alloc(9) })).toBe('stored');
        const [stored] = await database.run(`select sum(length(sealed_body) + length(sealed_headers)) as bytes
          from events join deliveries on deliveries.seq = events.seq`);
        expect((await store.deliveries.lengths()).bytes).toBe(Number(stored?.bytes));
        for (let event = 0; event < 3; event++) {
          const claim = await claimOne(store);
          await store.deliveries.settle(claim, { kind: 'not-attempted', afterMs: 0 }, lease);
          await store.deliveries.drop({ eventIds: [claim.delivery.eventId] });
        }
        expect((await store.deliveries.lengths()).bytes).toBe(0);
        expect(await store.events.resend('Ev1', { 'x-slack-signature': 'v0=1' })).toBe('resent');
        expect((await store.deliveries.lengths()).bytes).toBeGreaterThan(5000);
      });

      it('contain nothing unencrypted', async () => {
        const { database, store } = await start();
        await store.recordEvent(queued('Ev1', { delivery: { 'x-slack-signature': 'v0=in-clear' } }));
        expect((await database.content()).includes('in-clear')).toBe(false);
      });
    });

    it('counts and finds every event that waits, whatever two replicas do with it at once', async () => {
      const { database, store, open } = await start();
      const random = randomNumbers(7);
      const results: readonly AttemptResult[] = [
        { kind: 'delivered' },
        { kind: 'set-aside', failure: 'HTTP 400' },
        { kind: 'retry', afterMs: 0, failure: 'HTTP 503', rejected: false },
      ];
      let stored = 0;
      const anyId = () => `Ev${Math.floor(random() * stored)}`;
      const record = async (replica: Store) => {
        const id = stored++;
        await replica.recordEvent(event(`Ev${id}`, { workspace: `T${id % 3}`, delivery: {} }));
      };
      const deliver = async ({ deliveries }: Store) => {
        for (const claimed of await deliveries.claim(2, 60_000)) {
          let claim: Claim | undefined = claimed;
          while (claim && random() < 0.7) {
            const result = results[Math.floor(random() * results.length)];
            claim = result && (await deliveries.settle(claim, result, 60_000));
          }
          if (claim) await deliveries.settle(claim, { kind: 'not-attempted', afterMs: 0 }, 60_000);
        }
      };
      const actions = [
        record,
        record,
        deliver,
        deliver,
        ({ deliveries }: Store) => deliveries.retry('all-set-aside'),
        ({ deliveries }: Store) => deliveries.drop({ eventIds: [anyId()] }),
        ({ events }: Store) => events.resend(anyId(), {}),
        ({ deliveries }: Store) =>
          deliveries.expire({ waiting: Date.now() - Math.floor(50 * random()), setAside: 0 }),
      ];
      const work = async (replica: Store) => {
        for (let count = 0; count < 80; count++) {
          await actions[Math.floor(random() * actions.length)]?.(replica);
        }
      };
      await Promise.all([store, store, await open()].map(work));
      const [counted] = await database.run(
        `select count(*) as number from deliveries where state = 'waiting'`,
      );
      expect((await store.deliveries.lengths()).waiting).toBe(Number(counted?.['number']));
      const overlooked = `select deliveries.seq from deliveries
        join workspaces on workspaces.workspace = deliveries.workspace
        where state = 'waiting' and deliveries.seq < first_seq`;
      expect(await database.run(overlooked)).toEqual([]);
      await store.deliveries.retry('all-set-aside');
      expect(await database.run(overlooked)).toEqual([]);
      for (let claims = 1; claims > 0; ) {
        const found = await store.deliveries.claim(9, 60_000);
        claims = found.length;
        for (const first of found) {
          let claim: Claim | undefined = first;
          while (claim) claim = await store.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
        }
      }
      expect(await store.deliveries.lengths()).toMatchObject({ waiting: 0 });
    });

    describe('stored events', () => {
      const lease = 60_000;
      const delivery = { 'content-type': 'application/json' };
      async function attempt(store: Store, result: AttemptResult): Promise<void> {
        const [claim] = await store.deliveries.claim(1, lease);
        if (!claim) throw new Error('nothing is due');
        await store.deliveries.settle(claim, result, lease);
      }

      it('remember the last 20 attempts, by the clock of the database', async () => {
        const { store } = await start();
        await store.recordEvent(event('Ev1', { delivery }));
        for (let number = 1; number <= 22; number++) {
          await attempt(store, { kind: 'retry', afterMs: 0, failure: `HTTP ${number}`, rejected: false });
        }
        await attempt(store, { kind: 'delivered' });
        const found = await store.events.find('Ev1');
        expect(found).toMatchObject({ state: 'delivered', headers: undefined });
        expect(found?.attempts.map(({ failure }) => failure)).toEqual([
          ...Array.from({ length: 19 }, (_, index) => `HTTP ${index + 4}`),
          null,
        ]);
        for (const { at } of found?.attempts ?? []) expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
        expect(await store.events.find('Ev2')).toBeUndefined();
      });

      it('remember the attempts before they were retried or sent again', async () => {
        const { store } = await start();
        const failed = async () =>
          (await store.events.find('Ev1'))?.attempts.map(({ failure }) => failure ?? 'delivered');
        await store.recordEvent(event('Ev1', { delivery }));
        for (const failure of ['HTTP 500', 'HTTP 502']) {
          await attempt(store, { kind: 'retry', afterMs: 0, failure, rejected: false });
        }
        await attempt(store, { kind: 'set-aside', failure: 'HTTP 400' });
        await store.deliveries.retry({ eventIds: ['Ev1'] });
        await attempt(store, { kind: 'delivered' });
        expect(await failed()).toEqual(['HTTP 500', 'HTTP 502', 'HTTP 400', 'delivered']);
        await store.events.resend('Ev1', delivery);
        await attempt(store, { kind: 'delivered' });
        expect(await failed()).toEqual(['HTTP 500', 'HTTP 502', 'HTTP 400', 'delivered', 'delivered']);
        expect(await store.deliveries.list({ state: 'delivered', limit: 9 })).toMatchObject([
          { attempts: 5 },
        ]);
      });

      it('are delivered once more after a resend, however many ask for it at once', async () => {
        const { store, open } = await start();
        const other = await open();
        await store.recordEvent(event('Ev1', { delivery }));
        expect(await store.events.resend('Ev1', delivery)).toBe('queued');
        await attempt(store, { kind: 'delivered' });
        const results = await Promise.all([
          store.events.resend('Ev1', delivery),
          other.events.resend('Ev1', delivery),
        ]);
        expect(results.sort()).toEqual(['queued', 'resent']);
        await store.deliveries.expire({ waiting: time + 1, setAside: 0 });
        expect((await store.events.find('Ev1'))?.state).toBe('waiting');
        await attempt(store, { kind: 'delivered' });
        expect(
          (await store.deliveries.list({ state: 'delivered', limit: 9 })).map(({ eventId }) => eventId),
        ).toEqual(['Ev1']);
        expect(await store.events.resend('Ev2', delivery)).toBe('unknown');
      });

      it('are pruned with their attempts', async () => {
        const { database, store } = await start();
        await store.recordEvent(event('Ev1', { delivery }));
        await attempt(store, { kind: 'delivered' });
        expect(await database.count('delivery_attempts')).toBe(1);
        await store.prune({ eventsBefore: Date.now() + 60_000, now: time });
        expect(await database.count('delivery_attempts')).toBe(0);
        expect(await store.events.resend('Ev1', delivery)).toBe('unknown');
      });
    });

    describe('installations', () => {
      it('are found as they were last saved', async () => {
        const { store } = await start();
        const first = installation('T1');
        const second = installation('T1', {
          teamName: 'Ops & <b>Dev</b> 🚀',
          tokens: { bot: 'xoxe.xoxb-1-new', refresh: 'xoxe-1-refresh', expiresAt: time + 43_200_000 },
        });
        await store.installations.save(first);
        expect(await store.installations.find('T1')).toEqual(first);
        await store.installations.save(second);
        expect(await store.installations.find('T1')).toEqual(second);
        expect(await store.installations.find('T2')).toBeUndefined();
      });

      it('are listed by id and without their tokens, and deleted one by one', async () => {
        const { store } = await start();
        for (const id of ['T2', 'E1', 'T10']) await store.installations.save(installation(id));
        const { tokens: _, ...summary } = installation('E1');
        const list = await store.installations.list();
        expect(list.map(({ id }) => id)).toEqual(['E1', 'T10', 'T2']);
        expect(list[0]).toEqual(summary);
        expect(await store.installations.delete('T10')).toBe(true);
        expect(await store.installations.delete('T10')).toBe(false);
        expect((await store.installations.list()).map(({ id }) => id)).toEqual(['E1', 'T2']);
      });

      it('contain no unencrypted token', async () => {
        const { database, store } = await start();
        await store.installations.save(
          installation('T1', { tokens: { bot: 'xoxb-secret', refresh: 'xoxe-1-secret' } }),
        );
        const content = await database.content();
        expect(content.includes('T1')).toBe(true);
        expect(content.includes('xoxb-')).toBe(false);
        expect(content.includes('xoxe-')).toBe(false);
      });

      it('are deleted by an event, once', async () => {
        const { store } = await start();
        await store.installations.save(installation('T1'));
        const uninstalled = event('Ev1', { ends: { teamId: 'T1' } });
        await store.recordEvent(uninstalled);
        expect(await store.installations.find('T1')).toBeUndefined();

        await store.recordEvent(event('Ev2', { ends: { teamId: 'T1' } }));
        await store.installations.save(installation('T1'));
        expect(await store.recordEvent(uninstalled)).toBe('known');
        expect(await store.installations.find('T1')).toMatchObject({ id: 'T1' });
      });

      it.each([
        ['the team, of its own', { teamId: 'T1', enterpriseId: 'E1', orgWide: false }, ['T1']],
        ['the enterprise, org-wide', { teamId: 'T1', enterpriseId: 'E1', orgWide: true }, ['E1']],
        ['the enterprise, no team named', { enterpriseId: 'E1' }, ['E1']],
        ['the team, of unknown kind', { teamId: 'T1', enterpriseId: 'E1' }, ['T1']],
        ['a team without its own, of unknown kind', { teamId: 'T9', enterpriseId: 'E1' }, ['E1']],
        ['a team without its own, of its own', { teamId: 'T9', enterpriseId: 'E1', orgWide: false }, []],
        ['nobody', {}, []],
      ] satisfies [string, EndedInstallation, string[]][])(
        'deletes that of %s',
        async (_name, ends, gone) => {
          const { store } = await start();
          await store.installations.save(installation('T1', { enterpriseId: 'E1' }));
          await store.installations.save(orgWide('E1'));
          await store.installations.save(orgWide('E2'));
          await store.recordEvent(event('Ev1', { ends }));
          const left = await Promise.all(['T1', 'E1', 'E2'].map((id) => store.installations.find(id)));
          const expected = new Set(['T1', 'E1', 'E2']);
          for (const id of gone) expected.delete(id);
          expect(left.flatMap((found) => found?.id ?? [])).toEqual([...expected]);
        },
      );

      it.each([
        ['the team, of its own', 'T1', { teamId: 'T1', orgWide: false }],
        ['the team, of unknown kind', 'T1', { teamId: 'T1', enterpriseId: 'E1' }],
        ['the enterprise', 'E1', { teamId: 'T1', enterpriseId: 'E1', orgWide: true }],
      ] satisfies [string, string, EndedInstallation][])(
        'are kept when an earlier one of %s ended',
        async (_name, id, ends) => {
          const { store } = await start();
          const saved = id === 'E1' ? orgWide('E1') : installation('T1', { enterpriseId: 'E1' });
          await store.installations.save(saved);
          await store.recordEvent(event('Ev1', { ends: { ...ends, endedAt: time - 1_001 } }));
          expect(await store.installations.find(id)).toEqual(saved);
          // Slack's times are whole seconds, and its clock may be a little behind.
          await store.recordEvent(event('Ev2', { ends: { ...ends, endedAt: time - 1_000 } }));
          expect(await store.installations.find(id)).toBeUndefined();
        },
      );
    });

    it('keeps nothing of a workspace that is gone, when the time of its events is over', async () => {
      const { database, store } = await start();
      await store.installations.save(installation('T0GONE'));
      const delivery = { 'content-type': 'application/json' };
      await store.recordEvent(event('Ev0Gone', { workspace: 'T0GONE', delivery }));
      const [claim] = await store.deliveries.claim(1, 60_000);
      if (claim) await store.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
      await store.recordEvent(event('Ev1Gone', { workspace: 'T0GONE', ends: { teamId: 'T0GONE' } }));
      await store.oauthStates.save({ stateHash: 'hash-gone', browserHash: 'hash', expiresAt: time });
      const kept = /T0GONE|Ev[01]Gone|hash-gone/;
      expect((await database.content()).toString('latin1')).toMatch(kept);
      const now = await store.readClock();
      await store.prune({ eventsBefore: now + 1000, now });
      expect((await database.content()).toString('latin1')).not.toMatch(kept);
      for (const table of [
        'events',
        'deliveries',
        'delivery_attempts',
        'workspaces',
        'installations',
        'oauth_states',
      ]) {
        expect([table, await database.count(table)]).toEqual([table, 0]);
      }
    });

    describe('OAuth states', () => {
      const state = { stateHash: 'a'.repeat(64), browserHash: 'b'.repeat(64), expiresAt: time + 600_000 };

      it('returns a state only once', async () => {
        const { store, open } = await start();
        const replica = await open();
        await store.oauthStates.save(state);
        const takers = [store, replica, store, replica, store];
        const taken = await Promise.all(takers.map((each) => each.oauthStates.take(state.stateHash)));
        expect(taken.filter((each) => each !== undefined)).toEqual([state]);
      });

      it('does not return a state that was never saved', async () => {
        const { store } = await start();
        expect(await store.oauthStates.take('c'.repeat(64))).toBeUndefined();
      });

      it('deletes expired states', async () => {
        const { database, store } = await start();
        await store.oauthStates.save(state);
        await store.oauthStates.save({ ...state, stateHash: 'later', expiresAt: state.expiresAt + 1 });
        await store.prune({ eventsBefore: 0, now: state.expiresAt - 1 });
        expect(await database.count('oauth_states')).toBe(2);
        await store.prune({ eventsBefore: 0, now: state.expiresAt });
        expect(await database.count('oauth_states')).toBe(1);
      });
    });

    describe('Socket Mode replicas', () => {
      it('register until all of them hold as many connections as Slack allows', async () => {
        const { open } = await createDatabase();
        const [one, other] = await Promise.all([open(key), open(key)]);
        opened.push(one, other);
        expect(await one.socketReplicas.register('a', 4, 10)).toEqual({ registered: true, others: 0 });
        expect(await other.socketReplicas.register('b', 6, 10)).toEqual({ registered: true, others: 4 });
        expect(await one.socketReplicas.register('c', 1, 10)).toEqual({ registered: false, others: 10 });
        await other.socketReplicas.unregister('b');
        expect(await one.socketReplicas.register('c', 6, 10)).toEqual({ registered: true, others: 4 });
      });

      it('that start together do not overlook one another', async () => {
        const { open } = await createDatabase();
        const [one, other] = await Promise.all([open(key), open(key)]);
        opened.push(one, other);
        const results = await Promise.all(
          ['a', 'b', 'c', 'd'].map((replica, index) =>
            (index % 2 === 0 ? one : other).socketReplicas.register(replica, 5, 10),
          ),
        );
        expect(results.filter(({ registered }) => registered)).toHaveLength(2);
      });

      it('say how many connections they hold', async () => {
        const { open } = await createDatabase();
        const store = await open(key);
        opened.push(store);
        await store.socketReplicas.register('a', 2, 10);
        await store.socketReplicas.register('b', 2, 10);
        expect(await store.socketReplicas.renew('a', 2, 3)).toBe(0);
        expect(await store.socketReplicas.renew('b', 2, 2)).toBe(3);
        expect(await store.socketReplicas.renew('a', 2, 2)).toBe(2);
      });

      it('count for 30 s after they were last seen, and not at all in the future', async () => {
        const { open, run } = await createDatabase();
        const store = await open(key);
        opened.push(store);
        await store.socketReplicas.register('a', 2, 10);
        await store.socketReplicas.register('b', 3, 10);
        await run("update socket_replicas set seen_at = seen_at - 29000 where replica = 'a' returning 1");
        expect(await store.socketReplicas.register('c', 1, 10)).toMatchObject({ others: 5 });
        await run("update socket_replicas set seen_at = seen_at - 2000 where replica = 'a' returning 1");
        expect(await store.socketReplicas.register('c', 1, 10)).toMatchObject({ others: 3 });
        await run("update socket_replicas set seen_at = seen_at + 60000 where replica = 'b' returning 1");
        expect(await store.socketReplicas.register('c', 1, 10)).toMatchObject({ others: 0 });
      });

      it('are forgotten after that, even if none is left to notice', async () => {
        const { database, store } = await start();
        await store.socketReplicas.register('a', 2, 10);
        await store.prune({ eventsBefore: 0, now: 0 });
        expect(await database.count('socket_replicas')).toBe(1);
        await database.run('update socket_replicas set seen_at = seen_at - 31000 returning 1');
        await store.prune({ eventsBefore: 0, now: 0 });
        expect(await database.count('socket_replicas')).toBe(0);
      });
    });

    describe('opening', () => {
      it('keeps the data', async () => {
        const { database, store } = await start();
        await store.installations.save(installation('T1'));
        await store.recordEvent(event('Ev1'));
        await store.close();
        const again = await database.open(key);
        expect(await again.installations.find('T1')).toEqual(installation('T1'));
        expect(await again.recordEvent(event('Ev1'))).toBe('known');
        await again.check();
        await again.close();
      });

      it('finishes pending writes when it is closed', async () => {
        const { database } = await start();
        const store = await database.open(key);
        const writes = Array.from({ length: 50 }, (_, index) => store.recordEvent(event(`Ev${index}`)));
        await store.close();
        expect(await Promise.all(writes)).toHaveLength(50);
        expect(await database.count('events')).toBe(50);
      });

      it('migrates once when five processes start together', async () => {
        const database = await createDatabase();
        const stores = await Promise.all(Array.from({ length: 5 }, () => database.open(key)));
        expect(await database.count('kysely_migration')).toBeGreaterThan(0);
        expect(await database.count('settings')).toBe(1);
        await Promise.all(stores.map((store) => store.close()));
      });

      it('rejects a key other than the one it was created with', async () => {
        const { database } = await start();
        const other = createHash('sha256').update('other').digest('base64');
        await expect(database.open(other)).rejects.toMatchObject({
          code: 'encryption-key-wrong',
          exitCode: 2,
        });
      });

      it.each(['', 'short', 'x'.repeat(44), Buffer.alloc(31).toString('base64'), 'g'.repeat(64)])(
        'refuses the malformed key %j',
        async (malformed) => {
          const database = await createDatabase();
          await expect(database.open(malformed)).rejects.toMatchObject({ code: 'encryption-key-invalid' });
        },
      );
    });
  });
}
