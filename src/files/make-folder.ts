import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a folder and its missing parents. Node's recursive mkdir never ends if the system keeps reporting a missing
 * parent, as below /proc.
 *
 * @param mode the permissions of each folder that is created
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
      // Another process may have created it meanwhile.
      if (!(await isFolder(path))) throw second;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
