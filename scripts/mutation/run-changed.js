import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToLog, readLog } from './log.js';
import { runTests } from './run-tests.js';

/**
 * Runs the tests with each change that they reach. A process that is killed is followed by one for the rest of the file.
 *
 * @param {string} sandbox
 * @param {object[]} tests those of run-usual.js
 * @returns `noticed`, `timed out` or `not noticed`, by the id of the change
 */
export async function runChanged(sandbox, tests) {
  const log = join(sandbox, 'changed.log');
  const plan = join(sandbox, 'plan.json');
  process.env.MUTATION_LOG = log;
  process.env.MUTATION_PLAN = plan;
  writeFileSync(plan, JSON.stringify(Object.fromEntries(tests.map((test) => [test.test, test]))));
  const files = new Set(tests.map(({ file }) => file));
  while (files.size > 0) {
    const known = readLog(log).length;
    const failures = await runTests(sandbox, 'changed-runner.js', { include: [...files] });
    countKilled(log);
    const entries = readLog(log);
    if (entries.length === known) {
      throw new Error(`tests fail without a change:\n${[...files, ...failures].join('\n')}`);
    }
    for (const { done } of entries) files.delete(done);
  }
  return outcomes(readLog(log));
}

/** A change that starts and has no end: its process was killed, or failed. */
function countKilled(log) {
  const open = new Map();
  for (const { starts, change, test } of readLog(log)) {
    if (starts !== undefined) open.set(`${starts} ${test}`, { change: starts, test });
    if (change !== undefined) open.delete(`${change} ${test}`);
  }
  for (const entry of open.values()) addToLog(log, { ...entry, isNoticed: true, isLoop: true });
}

function outcomes(entries) {
  const found = new Map();
  for (const { change, isNoticed, isLoop } of entries) {
    if (change === undefined) continue;
    if (isNoticed) found.set(change, isLoop ? 'timed out' : 'noticed');
    else if (!found.has(change)) found.set(change, 'not noticed');
  }
  return found;
}
