import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const prefix = fileURLToPath(new URL('../../node_modules/.cache/stryker/', import.meta.url));
const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@10.1.1`);
// Without its peers, it finds the vitest of this repository.
const options = ['--no-save', '--no-audit', '--no-fund', '--legacy-peer-deps'];
const instrumenter = join(prefix, 'node_modules/@stryker-mutator/instrumenter/dist/src');

/** The program of Stryker, once it is installed. */
export const strykerProgram = join(prefix, 'node_modules/@stryker-mutator/core/bin/stryker.js');

/**
 * Installs Stryker, if it is not there yet.
 *
 * @param {(command: string, args: string[]) => void} run
 */
export function installStryker(run) {
  if (!existsSync(strykerProgram)) run('npm', ['install', '--prefix', prefix, ...options, ...packages]);
  changeBeforeAs();
}

/** Stryker takes an expression with `as` for a type and skips it, so that it changes nothing in a table `as const`. */
function changeBeforeAs() {
  const file = join(instrumenter, 'util/syntax-helpers.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace("    'TSAsExpression',\n", ''));
}

/** What Stryker changes files with. */
export async function loadInstrumenter() {
  const [{ Instrumenter }, { createParser }, { print }, { transform }] = await Promise.all(
    ['index', 'parsers/index', 'printers/index', 'transformers/index'].map(
      (name) => import(join(instrumenter, `${name}.js`)),
    ),
  );
  return new Instrumenter(logger, createParser, print, transform);
}

const logger = {
  trace() {},
  debug() {},
  info() {},
  warn: console.warn,
  error: console.error,
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
};
