import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/**
 * Saves content that cannot be obtained again: in the first folder that can be written to, as a new file that only its
 * owner can read.
 *
 * @param name the end of the file's name
 * @returns the path of the file, or undefined if no folder could be written to
 */
export async function writeRescueFile(
  folders: readonly string[],
  name: string,
  content: string,
): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, `rescued-${randomBytes(4).toString('hex')}-${name.replace(/^\.+/, '')}`);
    try {
      await makeFolder(folder, 0o700);
      await writeFile(file, content, { flag: 'wx', mode: 0o600, flush: true });
      return file;
    } catch {
      // The next folder may be on another disk.
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
  return undefined;
}
