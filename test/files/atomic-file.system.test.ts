import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { updateAtomically, writeAtomically } from '../../src/files/atomic-file.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('writeAtomically', () => {
  it('sets the mode of the file, whatever it was', async () => {
    const file = join(await temporaryFolder(), 'a');
    await writeFile(file, 'old', { mode: 0o666 });
    await writeAtomically(file, 'new', 0o640);
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  it('does not wait for the lock, which its caller may hold', async () => {
    const file = join(await temporaryFolder(), 'a');
    await mkdir(`${file}.lock`);
    await writeAtomically(file, 'new', 0o600);
    expect(await readFile(file, 'utf8')).toBe('new');
  });
});

describe('updateAtomically', () => {
  const mode = 0o600;

  it('leaves the old file if verify throws', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    const verify = (written: Buffer) => {
      throw new Error(`saw ${written}`);
    };
    await expect(updateAtomically(file, () => ({ content: 'new', mode, verify }))).rejects.toThrow('saw new');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('loses no update of eight concurrent ones', async () => {
    const file = join(await temporaryFolder(), 'a');
    const add = (letter: string) =>
      updateAtomically(file, (existing) => ({ content: `${existing?.content ?? ''}${letter}`, mode }));
    await Promise.all([...'abcdefgh'].map(add));
    expect([...(await readFile(file, 'utf8'))].sort().join('')).toBe('abcdefgh');
  });

  it('repeats the update if an editor changed the file meanwhile', async () => {
    const file = join(await temporaryFolder(), 'a');
    await writeFile(file, 'one');
    const { writeFileSync } = await import('node:fs');
    const seen: string[] = [];
    await updateAtomically(file, (existing) => {
      seen.push(String(existing?.content));
      if (seen.length === 1) writeFileSync(file, 'two');
      return { content: `${existing?.content}+`, mode };
    });
    expect(seen).toEqual(['one', 'two']);
    expect(await readFile(file, 'utf8')).toBe('two+');
  });

  it('removes the temporary file of a killed process, and nothing else', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, '.env');
    const others = ['.env.local', '.env.local.0123456789ab.tmp', '.env.tmp'];
    for (const name of ['.env', '.env.0123456789ab.tmp', ...others]) await writeFile(join(folder, name), '');
    await updateAtomically(file, () => ({ content: 'new', mode }));
    expect((await readdir(folder)).sort()).toEqual(['.env', ...others].sort());
  });

  it('rejects a named pipe without waiting for its writer', async () => {
    const folder = await temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await symlink('pipe', join(folder, 'link'));
    await expect(updateAtomically(join(folder, 'link'), () => undefined)).rejects.toMatchObject({
      code: 'file-not-written',
      message: expect.stringContaining('not a regular file'),
    });
  });

  it('keeps the owner of the file when root writes it', async () => {
    await need('root');
    const file = join(await temporaryFolder(), 'a');
    await writeFile(file, 'old');
    execFileSync('chown', ['4711:4712', file]);
    await updateAtomically(file, () => ({ content: 'new', mode }));
    expect(await stat(file)).toMatchObject({ uid: 4711, gid: 4712 });
  });
});
