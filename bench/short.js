// Fails if a start has become much slower beside an empty Node process. The limits are wide, since machines differ: they
// find a library that every start loads, not a per cent. Run with: npm run bench:short
import { rmSync } from 'node:fs';
import { compareStarts } from './pairs.js';
import { makeFolder, starts } from './starts.js';

/** The largest ratio, by start: about half more than was measured. */
const limits = {
  '--help': 1.9,
  'serve --help': 2.2,
  'explain --help': 2.0,
  'env --help': 2.0,
  'doctor --list': 2.0,
  'manifest --domain': 1.9,
  'manifest validate, 1 file': 3.2,
};
const turns = 15;

const folder = makeFolder();
const results = compareStarts(starts(folder), turns);
rmSync(folder, { recursive: true });
for (const { name, ratio } of results.slice(1)) {
  const slow = ratio > limits[name];
  console.log(`${slow ? 'SLOW' : 'ok  '}  ${name.padEnd(28)} ${ratio.toFixed(2)}  (limit ${limits[name]})`);
  if (slow) process.exitCode = 1;
}
