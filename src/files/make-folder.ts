import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it where they are missing. Node's own way to do that never ends where the system goes
 * on to say that the folder above is missing, as below /proc.
 *
 * @param mode the permissions of each folder that is made
 * @throws the system's error
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (above === path || !(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw error;
    await makeFolder(above, mode);
    await mkdir(path, { mode }).catch(async (second: unknown) => {
      // Another process may have made it in between.
      if (!(await isFolder(path))) throw second;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
