// Runs the system tests of the main paths on other versions of Node, which the npm package `node` carries.
// Usage: npm run test:nodes [-- 22 24 26]
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from './node-version.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26'];
const tests = ['launcher', 'start', 'manifest', 'env', 'app-create', 'doctor', 'serve', 'socket-mode'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

for (const version of versions) {
  const folder = nodeFolder(version);
  const node = join(folder, 'node');
  console.log(`\nNode ${run(node, ['--version'], { stdio: 'pipe' }).stdout.trim()}`);
  // What the tests start, finds this Node first too.
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests], { stdio: 'inherit', env });
}

function run(command, args, options) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result;
}
