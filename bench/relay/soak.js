// Whether the relay grows while it runs: memory, open files, handles and event loop delay under a steady load of events,
// commands and forged requests, and what it logs for a request. Exits with 1 if the last third of the run needs more than
// those before. Linux only.
// Run with: npm run soak; SOAK_SECONDS sets the length (900), and BENCH_DATABASE_URL an empty PostgreSQL database.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { median } from '../pairs.js';
import { signedEvent } from '../serve/requests.js';
import { benchSecret } from '../serve/shared.js';
import { command, post, ready } from './load.js';

const seconds = Number(process.env.SOAK_SECONDS ?? 900);
const perSecond = { events: 20, commands: 10, forged: 2 };
const samples = 60;
const workspaces = 50;
const root = new URL('../..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-soak-'));
const database = process.env.BENCH_DATABASE_URL;
const ports = { upstream: 4440, relay: 4442, admin: 4443 };
const children = [];

/** What must not grow: the name of the metric, its unit, and by how much two samples may differ without any growth. */
const measures = [
  {
    title: 'memory',
    metric: 'process_resident_memory_bytes',
    unit: 1e6,
    tolerance: 12,
    digits: 0,
    suffix: ' MB',
  },
  { title: 'heap', metric: 'nodejs_heap_size_used_bytes', unit: 1e6, tolerance: 6, digits: 0, suffix: ' MB' },
  { title: 'open files', metric: 'process_open_fds', unit: 1, tolerance: 4, digits: 0, suffix: '' },
  { title: 'handles', metric: 'nodejs_active_resources_total', unit: 1, tolerance: 6, digits: 0, suffix: '' },
  {
    title: 'event loop delay, p50',
    metric: 'nodejs_eventloop_lag_p50_seconds',
    unit: 1e-3,
    tolerance: 3,
    digits: 1,
    suffix: ' ms',
  },
];

function start(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  return child;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const statuses = {};
let sent = 0;

async function send(request) {
  sent += 1;
  const status = await post(ports.relay, request, { agent }).then(
    () => '200',
    (error) => error.message,
  );
  statuses[status] = (statuses[status] ?? 0) + 1;
}

/** Sends at a steady rate until the time is up. */
async function load(rate, next, end) {
  const requests = [];
  const began = performance.now();
  for (let count = 0; performance.now() < end; count++) {
    await setTimeout(Math.max(0, began + (count * 1000) / rate - performance.now()));
    requests.push(send(next(count)));
  }
  await Promise.all(requests);
}

function forged() {
  const { body, headers } = command();
  return {
    body: `${body}&text=changed`,
    headers: { ...headers, 'Content-Length': Buffer.byteLength(body) + 13 },
  };
}

async function sample() {
  const text = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
  return measures.map(
    ({ metric, unit }) => Number(new RegExp(`^${metric} (\\S+)`, 'm').exec(text)?.[1]) / unit,
  );
}

const taken = [];
let logged = 0;
try {
  start(['bench/relay/upstream.js'], { PORT: String(ports.upstream) });
  const relay = start(
    [
      'bin/spacelift-slack.cjs',
      'serve',
      '--listen',
      `127.0.0.1:${ports.relay}`,
      '--admin-listen',
      `127.0.0.1:${ports.admin}`,
      '--upstream',
      `http://127.0.0.1:${ports.upstream}`,
      ...(database ? [] : ['--store', `sqlite:${folder}/relay.db`]),
    ],
    database ? { DATABASE_URL: database } : {},
  );
  relay.stderr.on('data', (chunk) => {
    logged += chunk.length;
  });
  await ready(ports.relay);
  logged = 0;
  const end = performance.now() + seconds * 1000;
  const run = Date.now();
  const loads = [
    load(perSecond.events, (count) => signedEvent(`Ev${run}-${count}`, `T${count % workspaces}`), end),
    load(perSecond.commands, command, end),
    load(perSecond.forged, forged, end),
  ];
  for (let count = 0; count < samples; count++) {
    await setTimeout((seconds * 1000) / samples);
    taken.push(await sample());
  }
  await Promise.all(loads);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

const third = Math.floor(samples / 3);
const medianOf = (part, measure) => median(part.map((values) => values[measure]));
console.log(
  `${database ? 'PostgreSQL' : 'SQLite'}, ${seconds} s, ${sent} requests (${JSON.stringify(statuses)}), Node ${process.version}\n`,
);
console.log('| median of | first third | second | last | grew |');
console.log('|---|---:|---:|---:|---|');
for (const [index, { title, tolerance, digits, suffix }] of measures.entries()) {
  const [first, second, last] = [0, 1, 2].map((part) =>
    medianOf(taken.slice(part * third, (part + 1) * third), index),
  );
  const grew = !(last <= Math.max(first, second) + tolerance);
  if (grew) process.exitCode = 1;
  const cells = [first, second, last].map((value) => `${value.toFixed(digits)}${suffix}`);
  console.log(`| ${[title, ...cells, grew ? 'yes' : 'no'].join(' | ')} |`);
}
console.log(`\n${Math.round(logged / sent)} bytes of log for a request`);
