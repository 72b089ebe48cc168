// The page docs/performance.md: the text of performance-template.md, with the tables and the figures of a run.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { figures } from './figures.js';
import { fill } from './fill.js';

const template = new URL('performance-template.md', import.meta.url);
const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));

/**
 * @param {object} run what was measured, and where
 * @param {Readonly<Record<string, string>>} tables by part
 */
export async function writePage(run, tables) {
  const text = await readFile(template, 'utf8');
  const values = {
    ...figures(run),
    ...Object.fromEntries(Object.entries(tables).map(([part, one]) => [`table.${part}`, one])),
  };
  const filled = text.replace(/\{\{([\w.-]+)\}\}/g, (_, name) => {
    if (values[name] === undefined)
      throw new Error(`performance-template.md names ${name}, which nothing measures`);
    return values[name];
  });
  await writeFile(page, fill(filled));
  await promisify(execFile)(process.execPath, [biome, 'format', '--write', page]);
}
