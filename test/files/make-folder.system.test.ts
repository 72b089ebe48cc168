import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/files/make-folder.ts';
import { runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('creates missing folders with the mode and leaves existing ones unchanged', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'a'), { mode: 0o755 });
  await Promise.all([makeFolder(join(folder, 'a/b/c'), 0o700), makeFolder(join(folder, 'a/b/c'), 0o700)]);
  await makeFolder(join(folder, 'a/b/c'), 0o700);
  expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o755);
});

it('does not accept a file as a folder', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'), 0o700)).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(folder, 'file/a'), 0o700)).rejects.toThrow('ENOTDIR');
});

// The limit on processor time ends a run that would never end by itself.
it.each([
  ['--store', ['serve', '--store', 'sqlite:/proc/x/y'], { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' }],
  [
    '--token-store',
    ['app', 'export', '--app-id', 'A0123456', '--token-store', '/proc/x/y'],
    { SLACK_CONFIG_REFRESH_TOKEN: 'xoxe-1-x' },
  ],
])('exits with 3 for a %s below /proc', async (_, args, env) => {
  expect(await runProgram(args, { env, cpuSeconds: 10 })).toMatchObject({ code: 3, signal: null });
});
