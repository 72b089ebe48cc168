import { describe, expect, it, onTestFinished } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { event, installation, type TestDatabase } from './store-suite.ts';

const oldKey = Buffer.alloc(32, 7).toString('base64');
const newKey = Buffer.alloc(32, 8).toString('base64');
const delivery = { 'content-type': 'application/json' };
const silent = () => undefined;

/** The tests that the rotation of the key must pass with any database. */
export function describeRotation(name: string, createDatabase: () => Promise<TestDatabase>): void {
  describe(`the rotation of the key: ${name}`, () => {
    async function scene() {
      const database = await createDatabase();
      const open = async (...keys: Parameters<TestDatabase['open']>) => {
        const store = await database.open(...keys);
        onTestFinished(() => store.close());
        return store;
      };
      const first = await open(oldKey);
      await first.installations.save(installation('T1'));
      for (let count = 0; count < 120; count++) await first.recordEvent(event(`Ev${count}`, { delivery }));
      return { database, open, first };
    }

    /** The ids of all waiting events, in the order in which a store delivers them. */
    async function deliverAll(store: Store): Promise<readonly string[]> {
      const ids: string[] = [];
      let [claim] = await store.deliveries.claim(1, 60_000);
      while (claim) {
        ids.push(claim.delivery.eventId);
        claim = await store.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
      }
      return ids;
    }

    it('continues while replicas with both keys run, and retires the old key', async () => {
      const { database, open, first } = await scene();
      const replica = await open(newKey, oldKey);
      const rotating = await open(newKey, oldKey);
      expect([replica.usesPreviousKey, first.usesPreviousKey]).toEqual([true, false]);
      // Not all replicas have both keys yet: those with the old one alone must open what this one stores.
      await replica.installations.save(installation('T2'));
      await replica.recordEvent(event('Ev120', { delivery }));
      expect((await first.installations.find('T2'))?.tokens).toEqual({ bot: 'xoxb-T2' });

      const stored: Promise<unknown>[] = [];
      const counts = await rotating.rotateKey(() => {
        const count = 121 + stored.length;
        stored.push(replica.recordEvent(event(`Ev${count}`, { delivery })));
      });
      await Promise.all(stored);
      expect(counts.unreadable).toBe(0);
      expect(counts.reencrypted).toBe(2 + 121 * 2);
      expect(stored.length).toBeGreaterThan(2);
      await replica.installations.save(installation('T3'));
      expect(replica.usesPreviousKey).toBe(false);

      await expect(database.open(oldKey)).rejects.toMatchObject({ code: 'encryption-key-wrong' });
      const after = await open(newKey);
      for (const id of ['T1', 'T2', 'T3']) {
        expect((await after.installations.find(id))?.tokens).toEqual({ bot: `xoxb-${id}` });
      }
      const all = Array.from({ length: 121 + stored.length }, (_, count) => `Ev${count}`);
      expect((await deliverAll(after)).toSorted()).toEqual(all.toSorted());
    });

    it('continues where it was interrupted', async () => {
      const { open } = await scene();
      const store = await open(newKey, oldKey);
      let steps = 0;
      const interrupt = () => {
        if (++steps === 4) throw new Error('interrupted');
      };
      await expect(store.rotateKey(interrupt)).rejects.toThrow('interrupted');
      const counts = await (await open(newKey, oldKey)).rotateKey(silent);
      expect(counts.reencrypted + counts.current).toBe(1 + 120 * 2);
      expect([counts.reencrypted > 0, counts.current > 0, counts.unreadable]).toEqual([true, true, 0]);
      const again = await (await open(newKey, oldKey)).rotateKey(silent);
      expect(again).toEqual({ reencrypted: 0, current: 1 + 120 * 2, unreadable: 0 });
    });

    it('leaves what neither key opens, and counts it', async () => {
      const { database, open } = await scene();
      await database.run(
        "update events set sealed_body = (select sealed_body from events where event_id = 'Ev1') where event_id = 'Ev0' returning 1",
      );
      const counts = await (await open(newKey, oldKey)).rotateKey(silent);
      expect(counts).toEqual({ reencrypted: 1 + 120 * 2 - 1, current: 0, unreadable: 1 });
    });

    it('needs a previous key', async () => {
      const { first } = await scene();
      await expect(first.rotateKey(silent)).rejects.toMatchObject({
        code: 'previous-key-missing',
        exitCode: 2,
      });
    });
  });
}
