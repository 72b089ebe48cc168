import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadInstrumenter } from './stryker.js';

/**
 * Writes every change that Stryker makes into the files of the sandbox, each behind a switch that is off.
 *
 * @param {string} sandbox
 * @param {string[]} names of the files, relative to the sandbox
 * @returns the changes
 */
export async function changeFiles(sandbox, names) {
  const sources = new Map(
    names.map((name) => [join(sandbox, name), readFileSync(join(sandbox, name), 'utf8')]),
  );
  const files = [...sources].map(([name, content]) => ({ name, mutate: true, content }));
  const options = { plugins: null, ignorers: [], excludedMutations: [] };
  const { files: changed, mutants } = await (await loadInstrumenter()).instrument(files, options);
  for (const { name, content } of changed) writeFileSync(name, content);
  return mutants.map(({ id, fileName, location, replacement }) => ({
    id,
    file: fileName.slice(sandbox.length + 1),
    line: location.start.line + 1,
    original: textAt(sources.get(fileName), location),
    replacement,
  }));
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line, end.line + 1);
  lines.push(lines.pop().slice(0, end.column));
  lines[0] = lines[0].slice(start.column);
  return lines.join('\n');
}
