import { openPostgresStore } from '../../src/store/postgres.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { describeStore } from './store-suite.ts';

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
