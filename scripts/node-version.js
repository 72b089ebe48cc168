import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/nodes/', import.meta.url));

/**
 * The folder with the program `node` of a version, from the npm package `node`, installed if it is not there yet.
 *
 * @param {string} version such as `24`
 */
export function nodeFolder(version) {
  const prefix = join(cache, version);
  const folder = join(prefix, 'node_modules/node/bin');
  if (!existsSync(join(folder, 'node'))) {
    const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `node@${version}`];
    const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`cannot install node@${version}`);
  }
  return folder;
}
