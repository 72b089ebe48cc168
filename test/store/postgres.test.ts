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
});
