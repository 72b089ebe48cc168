// Fails if a start, the validation of many files, or a request has become much slower beside the least that Node can do.
// It compares CPU time, which other work on the machine changes little, in turns. The limits are wide, since machines
// differ: they find a library that every start loads, not a per cent. Needs Linux. Run with: npm run bench:short
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { comparePairs } from './pairs.js';
import { compareRequests } from './short/requests.js';
import { makeFolder, starts } from './starts.js';

/** The largest ratio to an empty Node process, by start: about half more than was measured. */
const startLimits = {
  '--help': 1.8,
  'serve --help': 2.0,
  'explain --help': 1.9,
  'env --help': 1.9,
  'doctor --list': 1.9,
  'manifest --domain': 1.8,
  'manifest validate, 1 file': 2.2,
  'manifest validate, 300 files': 9,
};
/** The largest ratio of the CPU time of a request to that of a bare server. */
const requestLimit = 4;

const turns = 5;
/** A tick of the CPU time is 10 ms, so several runs are measured as one. */
const runsATurn = 3;

const folder = makeFolder();
const results = compareCpuOfStarts(startsWithManyFiles());
rmSync(folder, { recursive: true });
for (const [name, limit] of Object.entries(startLimits)) report(name, results[name], limit);
report('a request to serve', await compareRequests(turns), requestLimit);

function startsWithManyFiles() {
  const cases = starts(folder);
  const one = cases['manifest validate, 1 file'];
  return { ...cases, 'manifest validate, 300 files': [...one, ...Array(299).fill(one.at(-1))] };
}

function compareCpuOfStarts(cases) {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, args] of Object.entries(cases)) {
      const before = cpuOfChildren();
      for (let run = 0; run < runsATurn; run += 1) {
        const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      }
      times[name].push(cpuOfChildren() - before);
    }
  }
  return Object.fromEntries(
    Object.keys(cases).map((name) => [name, comparePairs(times[name], times['node -e 0']).ratio]),
  );
}

/** What the children of this process that have ended have used of the CPU, in ticks. */
function cpuOfChildren() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}

function report(name, ratio, limit) {
  const slow = ratio > limit;
  console.log(`${slow ? 'SLOW' : 'ok  '}  ${name.padEnd(30)} ${ratio.toFixed(2)}  (limit ${limit})`);
  if (slow) process.exitCode = 1;
}
