import { expect, it, onTestFinished } from 'vitest';
import type { Claim } from '../../../src/store/delivery-queue.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import { event } from '../store-suite.ts';

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
