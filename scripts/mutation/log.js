import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Adds a line to the log of a run, at once, since the process may be killed. */
export function addToLog(file, entry) {
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** @returns {object[]} the entries of the log of a run */
export function readLog(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
