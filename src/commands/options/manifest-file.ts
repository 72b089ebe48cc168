import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { fileUnreadable } from '../../files/file-error.ts';
import { collect, readInput } from '../../files/read-input.ts';
import { UserError } from '../../user-error.ts';

/**
 * Reads a manifest file, or standard input for `-`; of one over the limit only as much as it takes to know that.
 *
 * @throws UserError `file-unreadable`, or `input-missing` where standard input is a terminal
 */
export async function readManifestFile(name: string, context: Context): Promise<Uint8Array> {
  if (name === '-' && context.stdin.isTTY) {
    throw new UserError('input-missing', 'no manifest: stdin is a terminal', {
      hint: 'Name a file, or redirect one: … < manifest.json',
      exitCode: 2,
    });
  }
  const { maxBytes } = await import('../../manifest/source/read-source.ts');
  try {
    if (name === '-') return await collect(context.stdin, maxBytes);
    return await readInput(resolve(context.cwd, name), name, context.inputWait, maxBytes);
  } catch (cause) {
    throw fileUnreadable(name, cause);
  }
}
