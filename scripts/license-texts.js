import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The part of a module's path that is its package's folder. */
const packageFolder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The licences of the packages that a bundle contains.
 *
 * @param {string[]} modules the paths of all modules in the bundle
 * @returns {Promise<string>} name, version and licence text of each package
 * @throws Error if a package has no licence text
 */
export async function licenseTexts(modules) {
  const folders = new Set(
    modules.map((id) => packageFolder.exec(id)?.[0]).filter((folder) => folder !== undefined),
  );
  const packages = await Promise.all([...folders].sort().map(readPackage));
  const texts = packages.map(({ name, version, license, author, text }) => {
    const licenseText = text ?? sharedText(license, packages);
    if (licenseText === undefined) throw new Error(`${name} has no licence text`);
    const owner = text === undefined ? `Copyright ${author}\n\n` : '';
    return `${name} ${version} (${license})\n\n${owner}${licenseText.trim()}\n`;
  });
  return `The files beside this one contain these packages.\n\n${texts.join('\n---\n\n')}`;
}

async function readPackage(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return { name, version, license, author: author?.name ?? author, text: await ownText(folder) };
}

/** The text in the package's licence file, or in the last section of its README. */
async function ownText(folder) {
  const entries = await readdir(folder);
  const file = entries.find((entry) => /^licen[cs]e/i.test(entry));
  if (file) return readFile(join(folder, file), 'utf8');
  const readme = entries.find((entry) => /^readme/i.test(entry));
  if (!readme) return undefined;
  const [section] = /^#+\s*licen[cs]e\s*$[\s\S]*/im.exec(await readFile(join(folder, readme), 'utf8')) ?? [];
  return section?.includes('Permission is hereby granted') ? section : undefined;
}

/** The Apache License is the same text for every package; others name their owner in it. */
function sharedText(license, packages) {
  return license === 'Apache-2.0'
    ? packages.find((other) => other.license === license && other.text !== undefined)?.text
    : undefined;
}
