// How long whole runs take beside an empty Node process, all measured in turn in one run.
// Run with: npm run bench:startup [-- turns]
import { rmSync } from 'node:fs';
import { compareStarts } from './pairs.js';
import { makeFolder, starts, validations } from './starts.js';

const turns = Number(process.argv[2] ?? 20);
const folder = makeFolder();
try {
  print(compareStarts(starts(folder), turns));
  print(compareStarts(validations(folder), Math.ceil(turns / 3)));
} finally {
  rmSync(folder, { recursive: true });
}

function print(results) {
  console.log('| run | ms | of `node -e 0` | middle half of the ratios |\n|---|---:|---:|---:|');
  for (const { name, milliseconds, ratio, low, high } of results) {
    const cells = [name, milliseconds.toFixed(0), ratio.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log('');
}
