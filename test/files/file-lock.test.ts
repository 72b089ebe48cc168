import { mkdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LockHeld, lockFile } from '../../src/files/file-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('locks a file that does not exist, and unlocks it', async () => {
  const file = join(await temporaryFolder(), 'a');
  const unlock = await lockFile(file, { waitMs: 0 });
  expect((await stat(`${file}.lock`)).isDirectory()).toBe(true);
  await unlock();
  await expect(stat(`${file}.lock`)).rejects.toThrow('ENOENT');
});

it('waits for another process up to the limit', async () => {
  const file = join(await temporaryFolder(), 'a');
  const unlock = await lockFile(file, { waitMs: 0 });
  await expect(lockFile(file, { waitMs: 10 })).rejects.toThrow(LockHeld);
  const waiting = lockFile(file, { waitMs: 20_000 });
  await unlock();
  await (await waiting)();
});

it('takes over the lock of a killed process', async () => {
  const file = join(await temporaryFolder(), 'a');
  await mkdir(`${file}.lock`);
  await utimes(`${file}.lock`, new Date(0), new Date(0));
  await (await lockFile(file, { waitMs: 0 }))();
});

it('stops waiting when it is interrupted', async () => {
  const file = join(await temporaryFolder(), 'a');
  await mkdir(`${file}.lock`);
  const signal = AbortSignal.abort(new Error('interrupted'));
  await expect(lockFile(file, { waitMs: 20_000, signal })).rejects.toThrow('interrupted');
});

it('does not fail when the lock is gone at the end', async () => {
  const file = join(await temporaryFolder(), 'a');
  const unlock = await lockFile(file, { waitMs: 0 });
  await unlock();
  await expect(unlock()).resolves.toBeUndefined();
});
