import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readInput } from '../../src/files/read-input.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('reads a regular file', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, 'content');
  expect((await readInput(file, 'the file', undefined, 7)).toString()).toBe('content');
});

it('reads little more of a regular file than the limit', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, Buffer.alloc(10_000_000));
  const { length } = await readInput(file, 'the file', undefined, 100_000);
  expect(length).toBeGreaterThan(100_000);
  expect(length).toBeLessThan(1_000_000);
});

it.each([
  ['a folder', '.', 'EISDIR'],
  ['a missing file', 'missing', 'ENOENT'],
])("fails with the system's error for %s", async (_, name, code) => {
  const folder = await temporaryFolder();
  await expect(readInput(join(folder, name), 'the file', undefined)).rejects.toMatchObject({ code });
});

it('reads a device to its end', async () => {
  expect((await readInput('/dev/null', 'the file', undefined)).length).toBe(0);
});
