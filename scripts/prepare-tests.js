// Run by `npm test` before the tests: on Debian as root, installs what the tests need and this machine lacks.
// Elsewhere it does nothing: the tests that need it are skipped, and listed at the end.
import { spawnSync } from 'node:child_process';
import { findMissing, packagesOf } from '../test/support/needs.js';

const missing = (await findMissing()).filter(({ packages }) => packages.length > 0);
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
