import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { requireYes } from '../../terminal/prompt.ts';

/**
 * Asks whether a file may be overwritten.
 *
 * @returns false if the file does not exist or there is no terminal, so that an existing file is an error
 */
export async function mayOverwrite(name: string, { cwd, terminal }: Context): Promise<boolean> {
  if (!terminal.interactive || !existsSync(resolve(cwd, name))) return false;
  await requireYes(terminal, `${name} exists. Overwrite it?`, `${name} is unchanged`, '--force');
  return true;
}
