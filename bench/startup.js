// How long a whole `manifest` run takes beside an empty Node process, both measured in turn in one run.
// Usage: npm run --silent build && node bench/startup.js [runs]
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../bin/spacelift-slack.cjs', import.meta.url));
const cases = {
  'node -e 0': ['-e', '0'],
  'spacelift-slack --help': [launcher, '--help'],
  'spacelift-slack manifest --domain': [launcher, 'manifest', '--domain', 'spacelift.example.com'],
  'spacelift-slack manifest validate': [
    launcher,
    'manifest',
    'validate',
    'templates/slack-app-manifest.json',
  ],
  'the same, twenty files at once': [
    launcher,
    'manifest',
    'validate',
    ...Array(20).fill('templates/slack-app-manifest.json'),
  ],
};
const runs = Number(process.argv[2] ?? 20);
const times = new Map(Object.keys(cases).map((name) => [name, []]));

for (let run = 0; run < runs; run += 1) {
  for (const [name, args] of Object.entries(cases)) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    times.get(name).push(Number(process.hrtime.bigint() - start) / 1e6);
    if (status === null || status > 1) throw new Error(`${name} failed: ${stderr}`);
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const baseline = median(times.get('node -e 0'));
console.log(`Node ${process.version}, ${cpus().length} cores, median of ${runs} runs each, taken in turn`);
for (const [name, list] of times) {
  const time = median(list);
  console.log(`${name.padEnd(36)} ${time.toFixed(1).padStart(7)} ms  ${(time / baseline).toFixed(2)}`);
}
