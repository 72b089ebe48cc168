import { execFileSync } from 'node:child_process';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { event } from './store-suite.ts';

it('is not written to after a page was found corrupt, and the check says so', async () => {
  const file = join(await temporaryFolder(), 'serve.db');
  const store = await openSqliteStore(file, undefined);
  await Promise.all(Array.from({ length: 1000 }, (_, index) => store.recordEvent(event(`Ev${index}`))));
  await store.close();
  // The last quarter contains events; what a start reads is before.
  const start = Math.ceil(((await stat(file)).size * 3) / 4 / 4096) * 4096;
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc((await stat(file)).size - start, 0xff), 0, undefined, start);
  await handle.close();
  const again = await openSqliteStore(file, undefined);
  onTestFinished(() => again.close());
  await expect(again.recordEvent(event('New'))).rejects.toMatchObject({ code: 'SQLITE_CORRUPT' });
  await expect(again.check()).rejects.toMatchObject({ code: 'SQLITE_CORRUPT' });
});

it('fails the check while its disk has no room for an event', async () => {
  await need('root');
  await need('mount');
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  onTestFinished(() => store.close());
  await store.check();
  const filling = join(folder, 'filling');
  const full = { code: 'ENOSPC' };
  const handle = await open(filling, 'w');
  await expect(handle.writeFile(Buffer.alloc(1024 * 1024))).rejects.toMatchObject(full);
  await handle.close();
  await expect(store.recordEvent(event('Ev1'))).rejects.toThrow();
  await expect(store.check()).rejects.toThrow();
  await rm(filling);
  await store.check();
  expect(await store.recordEvent(event('Ev1'))).toBe('stored');
});
