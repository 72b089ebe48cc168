import { join } from 'node:path';
import { readLog } from './log.js';
import { runTests } from './run-tests.js';

/**
 * Runs the tests that load the files, without a change. A test that fails ends the run.
 *
 * @param {string} sandbox
 * @param {string[]} files relative to it
 * @returns the tests, with the changes that each reaches, and the changes that take effect only once
 */
export async function runUsual(sandbox, files) {
  const log = join(sandbox, 'usual.log');
  process.env.MUTATION_LOG = log;
  const related = files.map((file) => join(sandbox, file));
  const failures = await runTests(sandbox, 'usual-runner.js', { related });
  if (failures.length > 0) throw new Error(`tests fail without a change:\n${failures.join('\n')}`);
  const entries = readLog(log);
  const tests = entries.filter(({ test }) => test !== undefined);
  for (const { file, name } of tests.filter(({ isRepeatable }) => !isRepeatable)) {
    console.log(`not used, since it fails when it runs again: ${file}: ${name}`);
  }
  return {
    tests: tests.filter(({ isRepeatable, reaches }) => isRepeatable && Object.keys(reaches).length > 0),
    leftOut: new Set(
      entries.flatMap(({ reachesOnce = [], reachedByLoading = [] }) => [...reachesOnce, ...reachedByLoading]),
    ),
  };
}
