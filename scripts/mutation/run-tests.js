import { startVitest } from 'vitest/node';

/**
 * Runs unit tests of the sandbox, one file after the other, each in a process of its own.
 *
 * @param {string} sandbox
 * @param {string} runner the file in this folder that runs a test
 * @param {object} choice options of vitest that choose the tests
 * @returns what failed, with the errors outside tests, a line each
 */
export async function runTests(sandbox, runner, choice) {
  const vitest = await startVitest('test', [], {
    root: sandbox,
    config: `${sandbox}/vitest.unit.config.ts`,
    runner: `${sandbox}/scripts/mutation/${runner}`,
    watch: false,
    maxWorkers: 1,
    // Loops are ended by a watchdog.
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    reporters: [{ onTestModuleStart: ({ relativeModuleId }) => console.log(relativeModuleId) }],
    silent: true,
    passWithNoTests: true,
    ...choice,
  });
  await vitest.close();
  // vitest sets it if a test has failed.
  process.exitCode = 0;
  const outside = vitest.state.getUnhandledErrors().map(({ message }) => message);
  return [...vitest.state.getFiles().flatMap((file) => failures(file, file.name)), ...outside];
}

/** Of a test, or of all in a file or a group. */
function failures(task, name) {
  const inside = (task.tasks ?? []).flatMap((child) => failures(child, `${name} > ${child.name}`));
  const error = task.result?.errors?.[0];
  return error === undefined ? inside : [...inside, `${name}: ${error.message.split('\n')[0]}`];
}
