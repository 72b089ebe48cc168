// `npm run mutation-score [-- [--tests test/slack/*.test.ts] src/slack/signature.ts]`: changes every expression of the files
// once (Stryker) and counts the changes that the unit tests notice. Without files, all rooms of stryker.config.json: hours.
// With --tests only these tests run, which is faster, and more is left unnoticed. With --tables also what takes effect while
// a module loads is changed, such as the entries of a table: each change runs all tests, so choose few.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeFolder } from './node-version.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const prefix = join(root, 'node_modules/.cache/stryker');
const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@10.1.1`);
const program = join(prefix, 'node_modules/@stryker-mutator/core/bin/stryker.js');

const { values, positionals: files } = parseArgs({
  options: { tests: { type: 'string' }, tables: { type: 'boolean' } },
  allowPositionals: true,
});

// Stryker needs Node 22 or later; the tests of this repository run on Node 20 too, so it is no development dependency.
const path = `${nodeFolder('24')}${delimiter}${process.env.PATH}`;
// vitest.unit.config.ts reads it.
const tests = values.tests === undefined ? {} : { MUTATION_TESTS: values.tests };
const env = { ...process.env, PATH: path, ...tests };
// Without its peers, it finds the vitest of this repository.
const options = ['--no-save', '--no-audit', '--no-fund', '--legacy-peer-deps'];
if (!existsSync(program)) run('npm', ['install', '--prefix', prefix, ...options, ...packages]);
mutateBeforeAs();
run('node', [join(root, 'scripts/compile-schemas.js')]);
run('node', [
  program,
  'run',
  ...(files.length > 0 ? ['--mutate', files.join(',')] : []),
  ...(values.tables ? [] : ['--ignoreStatic']),
]);

/** Stryker takes an expression with `as` for a type and skips it, so that it changes nothing in a table `as const`. */
function mutateBeforeAs() {
  const file = join(prefix, 'node_modules/@stryker-mutator/instrumenter/dist/src/util/syntax-helpers.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace("    'TSAsExpression',\n", ''));
}

function run(command, args) {
  const { error, status } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
