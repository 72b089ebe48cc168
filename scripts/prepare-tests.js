// Run by `npm test` before the tests: installs what the tests need and this machine lacks, from npm and, on Debian as
// root, from Debian. Elsewhere the tests that need it are skipped, and listed at the end.
import { spawnSync } from 'node:child_process';
import { findMissing, npmTools, packagesOf } from '../test/support/needs.js';

const allMissing = await findMissing();
const fromNpm = allMissing.flatMap(({ npm }) => npm ?? []);
if (fromNpm.length > 0) {
  const args = ['install', '--prefix', npmTools, '--no-save', '--no-audit', '--no-fund', ...fromNpm];
  spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

const missing = allMissing.filter(({ packages }) => packages.length > 0);
const hasAptGet = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
if (missing.length > 0 && hasAptGet && process.getuid?.() === 0) {
  aptGet('update');
  const packages = packagesOf(missing);
  console.log(`Installing what the tests need: ${packages.join(' ')}`);
  aptGet('install', '--yes', '--no-install-recommends', ...packages);
}

/** Shows what apt-get prints only where it fails. The tests run all the same, without what is missing. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', args, {
    env,
    encoding: 'utf8',
    maxBuffer: Infinity,
  });
  if (status !== 0) console.error(`${stdout}${stderr}apt-get ${args[0]} failed`);
}
