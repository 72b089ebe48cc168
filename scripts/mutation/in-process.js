// `npm run mutation-score -- --in-process`: makes every change that Stryker makes, in a copy of the repository below build/,
// and switches on one after the other in a process that has loaded the tests. A change that takes effect while a module
// loads, or once in a process, is left out.
import { rmSync } from 'node:fs';
import { changeFiles } from './change-files.js';
import { chooseFiles } from './choose-files.js';
import { report } from './report.js';
import { runChanged } from './run-changed.js';
import { runUsual } from './run-usual.js';
import { createSandbox } from './sandbox.js';

const sandbox = createSandbox();
try {
  const files = chooseFiles(sandbox, process.argv.slice(2));
  const changes = await changeFiles(sandbox, files);
  console.log(`${changes.length} changes in ${files.length} files. Tests without a change:`);
  const { tests, leftOut } = await runUsual(sandbox, files);
  console.log('Tests with changes:');
  const outcomes = await runChanged(sandbox, tests);
  const outcomeOf = ({ id }) => outcomes.get(id) ?? (leftOut.has(id) ? 'left out' : 'not reached');
  console.log(`\n${report(changes.map((change) => ({ ...change, outcome: outcomeOf(change) })))}`);
} finally {
  rmSync(sandbox, { recursive: true });
}
