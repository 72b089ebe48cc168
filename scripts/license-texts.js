import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licences of packages.
 *
 * @param {{ folder: string, manifest: object }[]} packages as from `bundledPackages`
 * @returns {Promise<string>} name, version and licence text of each package
 * @throws Error if a package has no licence text
 */
export async function licenseTexts(packages) {
  const licensed = await Promise.all(
    packages.map(async ({ folder, manifest }) => ({ ...manifest, text: await ownText(folder) })),
  );
  const texts = licensed.map(({ name, version, license, author, text }) => {
    const licenseText = text ?? sharedText(license, licensed);
    if (licenseText === undefined) throw new Error(`${name} has no licence text`);
    const owner = text === undefined ? `Copyright ${author?.name ?? author}\n\n` : '';
    return `${name} ${version} (${license})\n\n${owner}${licenseText.trim()}\n`;
  });
  return `The files beside this one contain these packages.\n\n${texts.join('\n---\n\n')}`;
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
