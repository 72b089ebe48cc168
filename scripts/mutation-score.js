// `npm run mutation-score [-- [--tests test/slack/*.test.ts] src/slack/signature.ts]`: changes every expression of the files
// once (Stryker) and counts the changes that the unit tests notice. Without files, all rooms of stryker.config.json: hours.
// With --tests only these tests run, which is faster, and more is left unnoticed. With --in-process a test is loaded once for
// all changes: minutes. With --tables also what takes effect while a module loads is changed, such as the entries of a table:
// each change runs all tests, so choose few.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installStryker, strykerProgram } from './mutation/stryker.js';
import { nodeFolder } from './node-version.js';

const root = fileURLToPath(new URL('../', import.meta.url));

const { values, positionals: files } = parseArgs({
  options: { tests: { type: 'string' }, tables: { type: 'boolean' }, 'in-process': { type: 'boolean' } },
  allowPositionals: true,
});
if (values.tables && values['in-process']) {
  throw new Error('--tables changes what loads, and --in-process loads once: choose one');
}

// Stryker needs Node 22 or later; the tests of this repository run on Node 20 too, so it is no development dependency.
const path = `${nodeFolder('24')}${delimiter}${process.env.PATH}`;
// vitest.unit.config.ts reads it.
const tests = values.tests === undefined ? {} : { MUTATION_TESTS: values.tests };
const env = { ...process.env, PATH: path, ...tests };
installStryker(run);
run('node', [join(root, 'scripts/compile-schemas.js')]);
if (values['in-process']) run('node', [join(root, 'scripts/mutation/in-process.js'), ...files]);
else {
  run('node', [
    strykerProgram,
    'run',
    ...(files.length > 0 ? ['--mutate', files.join(',')] : []),
    ...(values.tables ? [] : ['--ignoreStatic']),
  ]);
}

function run(command, args) {
  const { error, status } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
