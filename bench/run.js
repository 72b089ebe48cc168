// Measures everything beside its peers in one run, and writes docs/performance.md. Needs Linux, two cores that do nothing
// else, and what the parts name.
//
//   npm run bench                        all parts
//   npm run bench -- startup limits      some parts: prints their tables, and writes nothing
//   npm run bench -- --turns 2           a quick look: fewer turns of each part
//   npm run bench -- --resume            the parts that the last run has not measured, since one of them failed
//   npm run bench -- --render            writes the page from the last run of all parts, after a change of its text
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { compareConnections, formatConnections } from './connections.js';
import { formatDoctor, measureDoctor } from './doctor.js';
import { compareEventStores, formatEventStores } from './events/peers.js';
import { compareJournals, formatJournals } from './journals.js';
import { formatLimits, measureLimits } from './limits.js';
import { describeMachine } from './machine.js';
import { writePage } from './page.js';
import { formatGoodput, goodputScenarios, measureGoodput } from './relay/goodput.js';
import { compareProxies, formatProxies } from './relay/peers.js';
import { describeQueues, measureQueues } from './relay/queue.js';
import { compareReplicas, formatReplicas } from './replicas.js';
import { compareServers, formatServers } from './serve.js';
import { compareSocketMode, formatSocketMode } from './socket-mode/peers.js';
import { formatStartUp, measureStartUp } from './startup.js';

const queueSizes = [1_000, 10_000, 100_000, 1_000_000];
/** The others take minutes more: npm run bench:goodput. */
const scarcities = ['sqlite-locked'];

/**
 * A part measures in so many turns, and formats its result as tables. The load of one with `loads` runs on core 1, since
 * its servers run on core 0.
 *
 * @type {Readonly<Record<string, { turns: number, loads?: true, measure: (options: { turns: number }) => Promise<unknown>, format: (result: unknown) => string }>>}
 */
const parts = {
  limits: { turns: 9, measure: measureLimits, format: formatLimits },
  startup: { turns: 15, measure: measureStartUp, format: formatStartUp },
  journals: { turns: 9, measure: compareJournals, format: formatJournals },
  doctor: { turns: 5, measure: measureDoctor, format: formatDoctor },
  'socket-mode': { turns: 9, measure: compareSocketMode, format: formatSocketMode },
  serve: { turns: 11, loads: true, measure: compareServers, format: formatServers },
  connections: { turns: 9, loads: true, measure: compareConnections, format: formatConnections },
  events: { turns: 9, loads: true, measure: compareEventStores, format: formatEventStores },
  relay: { turns: 9, loads: true, measure: compareProxies, format: formatProxies },
  replicas: { turns: 5, measure: compareReplicas, format: formatReplicas },
  queue: {
    turns: queueSizes.length,
    measure: ({ turns }) => measureQueues({ sizes: queueSizes.slice(0, turns) }),
    format: describeQueues,
  },
  goodput: {
    turns: scarcities.length,
    measure: async ({ turns }) => {
      const results = {};
      for (const name of scarcities.slice(0, turns)) results[name] = await measureGoodput(name);
      return results;
    },
    format: (results) =>
      Object.entries(results)
        .map(([name, rows]) => `${goodputScenarios[name].title}:\n\n${formatGoodput(rows)}`)
        .join('\n\n'),
  },
};

const resultsFile = new URL('../node_modules/.cache/bench/results.json', import.meta.url);

const { values, positionals } = parseArgs({
  options: { turns: { type: 'string' }, render: { type: 'boolean' }, resume: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) throw new Error(`no part ${unknown}: ${Object.keys(parts).join(', ')}`);

if (values.render) {
  await write(await readLastRun());
} else if (positionals.length > 0) {
  for await (const { name, result } of measureParts(positionals))
    console.log(`\n${parts[name].format(result)}\n`);
} else {
  const run = values.resume
    ? await readLastRun()
    : { machine: await describeMachine(), seconds: 0, results: {} };
  await mkdir(new URL('.', resultsFile), { recursive: true });
  const left = Object.keys(parts).filter((name) => !Object.hasOwn(run.results, name));
  for await (const { name, result, seconds } of measureParts(left)) {
    run.results[name] = result;
    run.seconds += seconds;
    await writeFile(resultsFile, JSON.stringify(run, null, 2));
  }
  await write(run);
}

async function* measureParts(names) {
  for (const [index, name] of names.entries()) {
    const start = performance.now();
    process.stderr.write(`${index + 1}/${names.length} ${name} … `);
    const { turns, loads, measure } = parts[name];
    if (loads) useCores('1');
    const result = await measure({ turns: Number(values.turns ?? turns) });
    if (loads) useCores(`0-${cpus().length - 1}`);
    const seconds = (performance.now() - start) / 1_000;
    process.stderr.write(`${Math.round(seconds)} s\n`);
    yield { name, result, seconds };
  }
}

async function readLastRun() {
  return JSON.parse(await readFile(resultsFile, 'utf8'));
}

function useCores(list) {
  const { status } = spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', list, String(process.pid)]);
  if (status !== 0) throw new Error('taskset is missing (apt-get install util-linux)');
}

function write(run) {
  const formatted = Object.entries(run.results).map(([name, result]) => [name, parts[name].format(result)]);
  return writePage(run, Object.fromEntries(formatted));
}
