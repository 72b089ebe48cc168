import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readPage } from './support/pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('docs/security.md says of every table of the store how long it is kept', async () => {
  const file = join(await temporaryFolder(), 'serve.db');
  await (await openSqliteStore(file, undefined)).close();
  const database = new Libsql(file);
  const tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'";
  const names = database.prepare(tables).pluck().all().map(String);
  database.close();
  const page = await readPage('docs/security.md');
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it('docs/security.md names tests that exist', async () => {
  const named = (await readPage('docs/security.md')).match(/(?<=`)test\/[\w./-]+(?=`)/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});
