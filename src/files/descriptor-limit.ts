import { readFile } from 'node:fs/promises';

/**
 * How many file descriptors this process may have open. Node has raised the soft limit to the hard one when it started.
 *
 * @returns undefined if there is no limit, or no way to read it: only Linux has `/proc`
 */
export async function readDescriptorLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files +(\d+) /m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
