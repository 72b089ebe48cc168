import { describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { describeStore, event } from './store-suite.ts';

describeStore('PostgreSQL', async () => {
  const { url, query } = await postgresDatabase();
  return {
    open: (encryptionKey) => openPostgresStore({ url, encryptionKey, keepsTokens: true, cwd: '/' }),
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
});

describe('the PostgreSQL store', () => {
  it('shares a commit among events that arrive together', async () => {
    const { url, query } = await postgresDatabase();
    const store = await openPostgresStore({ url, encryptionKey: undefined, keepsTokens: false, cwd: '/' });
    await Promise.all(Array.from({ length: 500 }, (_, index) => store.recordEvent(event(`Ev${index}`))));
    await store.close();
    // A row carries the number of the transaction that wrote it.
    const [row] = await query('select count(distinct xmin::text)::int as commits from events');
    expect(row?.['commits']).toBe(2);
  });

  it('sets aside what another replica stored without the key, and delivers the others', async () => {
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
      { eventId: 'Ev1', tries: 0, failure: 'stored under another encryption key, or altered' },
    ]);
    await store.close();
  });
});
