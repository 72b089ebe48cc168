import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requirePrivate } from '../../src/files/private-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function fileWith(mode: number, folderMode = 0o700): Promise<string> {
  const folder = join(await temporaryFolder(), 'folder');
  await mkdir(folder);
  await chmod(folder, folderMode);
  const file = join(folder, 'key');
  await writeFile(file, '');
  await chmod(file, mode);
  return file;
}

it.each([0o600, 0o400, 0o700])('accepts a file with mode %o', async (mode) => {
  await expect(requirePrivate(await fileWith(mode), 'the key file')).resolves.toBeUndefined();
});

it.each([0o644, 0o640, 0o604, 0o602, 0o660])('rejects a file with mode %o', async (mode) => {
  const file = await fileWith(mode);
  await expect(requirePrivate(file, 'the key file')).rejects.toMatchObject({
    code: 'file-mode-open',
    message: `the key file ${file} can be accessed by other users (mode 0${mode.toString(8)})`,
    hint: `Run: chmod 600 ${file}`,
    exitCode: 2,
  });
});

it('accepts access of the group, but not of others, in a folder with the setgid bit', async () => {
  await expect(requirePrivate(await fileWith(0o660, 0o2770), 'the key file')).resolves.toBeUndefined();
  await expect(requirePrivate(await fileWith(0o664, 0o2770), 'the key file')).rejects.toThrow('0664');
});

it('accepts a file that does not exist', async () => {
  await expect(requirePrivate(join(await temporaryFolder(), 'a'), 'the key file')).resolves.toBeUndefined();
});

it('accepts a folder, which whoever reads it as a file rejects', async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  await expect(requirePrivate(folder, 'the key file')).resolves.toBeUndefined();
});
