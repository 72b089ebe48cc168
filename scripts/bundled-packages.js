import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The part of a module's path that is its package's folder. */
const packageFolder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The packages whose modules are in a bundle.
 *
 * @param {string[]} modules the paths of all modules in the bundle
 * @returns {Promise<{ folder: string, manifest: object }[]>} each package's folder and package.json, by folder
 */
export async function bundledPackages(modules) {
  const folders = modules.map((id) => packageFolder.exec(id)?.[0]).filter((folder) => folder !== undefined);
  return Promise.all([...new Set(folders)].sort().map(readPackage));
}

/** Reads the package.json of a package. */
export async function readPackage(folder) {
  return { folder, manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) };
}
