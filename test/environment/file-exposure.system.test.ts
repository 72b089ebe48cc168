import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectExposure } from '../../src/environment/file-exposure.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const env = { PATH: process.env['PATH'] };
const gitIn = (folder: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: folder, stdio: 'pipe' });

async function repository(): Promise<string> {
  await need('git');
  const folder = await temporaryFolder();
  gitIn(folder, 'init', '--quiet');
  return folder;
}

async function secretFile(folder: string, mode = 0o600): Promise<string> {
  const file = join(folder, '.env');
  await writeFile(file, 'SLACK_SECRET=x\n');
  await chmod(file, mode);
  return file;
}

describe('inspectExposure', () => {
  it('recognises a file outside any repository', async () => {
    await need('git');
    const file = await secretFile(await temporaryFolder());
    expect(await inspectExposure(file, env)).toEqual({ mode: 0o600, git: { state: 'outside' } });
  });

  it('takes a file name with characters of a pattern literally', async () => {
    const folder = await repository();
    await writeFile(join(folder, 'a.env'), '');
    gitIn(folder, 'add', 'a.env');
    const file = join(folder, '[a].env');
    await writeFile(file, 'SLACK_SECRET=x\n', { mode: 0o600 });
    expect(await inspectExposure(file, env)).toMatchObject({ git: { state: 'uncovered' } });
  });

  it('recognises a file that git would add, tracks, or ignores', async () => {
    const folder = await repository();
    const file = await secretFile(folder, 0o644);
    expect(await inspectExposure(file, env)).toEqual({ mode: 0o644, git: { state: 'uncovered' } });
    gitIn(folder, 'add', '.env');
    expect(await inspectExposure(file, env)).toMatchObject({ git: { state: 'tracked' } });
    gitIn(folder, 'rm', '--quiet', '--cached', '.env');
    await writeFile(join(folder, '.gitignore'), '.env\n');
    expect(await inspectExposure(file, env)).toMatchObject({ git: { state: 'ignored' } });
  });

  it('checks the path of a file that does not exist yet', async () => {
    expect(await inspectExposure(join(await repository(), '.env'), env)).toEqual({
      git: { state: 'uncovered' },
    });
  });

  it('checks the target of a symbolic link', async () => {
    const folder = await repository();
    await mkdir(join(folder, 'sub'));
    const link = join(folder, 'sub', 'link');
    await symlink(await secretFile(await temporaryFolder(), 0o640), link);
    expect(await inspectExposure(link, env)).toEqual({ mode: 0o640, git: { state: 'outside' } });
  });

  it('finds nothing to inspect in a pipe or a device', async () => {
    const pipe = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await inspectExposure(pipe, env)).toBeUndefined();
    expect(await inspectExposure('/dev/null', env)).toBeUndefined();
  });

  it('claims nothing if git fails', async () => {
    const folder = await repository();
    const file = await secretFile(folder);
    await writeFile(join(folder, '.git', 'index'), 'damaged');
    expect(await inspectExposure(file, env)).toMatchObject({
      git: { state: 'unknown', reason: expect.stringMatching(/^\w+: .*index/) },
    });
  });

  it('reports that git cannot be run', async () => {
    const file = await secretFile(await repository());
    expect(await inspectExposure(file, { PATH: '/nonexistent' })).toMatchObject({
      git: { state: 'unknown', reason: 'git could not be run here' },
    });
  });
});
