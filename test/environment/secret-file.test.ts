import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeRendered } from '../../src/environment/secret-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function fileWith(content?: string, mode = 0o600) {
  const path = join(await temporaryFolder(), 'slack.json');
  if (content !== undefined) {
    await writeFile(path, content);
    await chmod(path, mode);
  }
  return { path, name: 'slack.json' };
}

const modeOf = async ({ path }: { path: string }) => (await stat(path)).mode & 0o777;
const owner = { readers: 'owner', force: false } as const;

describe('storeRendered', () => {
  it('creates a file that only its owner can read', async () => {
    const file = await fileWith();
    expect(await storeRendered(file, 'new', owner)).toEqual({ change: 'created', notes: [] });
    expect([await readFile(file.path, 'utf8'), await modeOf(file)]).toEqual(['new', 0o600]);
  });

  it('creates a file that everybody may read', async () => {
    const file = await fileWith();
    await storeRendered(file, 'new', { readers: 'everybody', force: false });
    expect((await modeOf(file)) & 0o044).toBe(0o044);
  });

  it('overwrites no other content, unless told to', async () => {
    const file = await fileWith('old');
    await expect(storeRendered(file, 'new', owner)).rejects.toMatchObject({ code: 'file-exists' });
    expect(await readFile(file.path, 'utf8')).toBe('old');
    expect(await storeRendered(file, 'new', { ...owner, force: true })).toEqual({
      change: 'updated',
      notes: [],
    });
    expect(await readFile(file.path, 'utf8')).toBe('new');
  });

  it('leaves a file alone that is as it should be', async () => {
    const file = await fileWith('new');
    const before = (await stat(file.path)).ino;
    expect(await storeRendered(file, 'new', owner)).toEqual({ change: 'unchanged', notes: [] });
    expect((await stat(file.path)).ino).toBe(before);
  });

  it.each([
    [0o644, 0o600, '0644', '0600'],
    [0o640, 0o600, '0640', '0600'],
    [0o444, 0o400, '0444', '0400'],
  ])('takes the permissions %o of others away, and says so', async (mode, after, shown, left) => {
    const file = await fileWith('new', mode);
    expect(await storeRendered(file, 'new', owner)).toEqual({
      change: 'updated',
      notes: [`changed the mode of slack.json from ${shown} to ${left}: only its owner can read it`],
    });
    expect(await modeOf(file)).toBe(after);
  });

  it.each([0o600, 0o644, 0o400])('keeps the mode %o of a file that everybody may read', async (mode) => {
    const file = await fileWith('old', mode);
    const outcome = await storeRendered(file, 'new', { readers: 'everybody', force: true });
    expect(outcome).toEqual({ change: 'updated', notes: [] });
    expect(await modeOf(file)).toBe(mode);
  });
});
