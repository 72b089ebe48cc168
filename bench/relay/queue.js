// How the relay fares with a long queue: with 1,000, 10,000 and 100,000 events waiting for an upstream that is away, its
// memory, what one more event costs, what /metrics costs; and, once the upstream is back, how fast it delivers.
// Run with: npm run bench:queue [-- 1000,10000,100000]; on PostgreSQL with BENCH_DATABASE_URL, an empty database.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { benchSecret } from '../serve/shared.js';
import { cpuSeconds, event, memory, percentile, post, ready } from './load.js';

const sizes = (process.argv[2] ?? '1000,10000,100000').split(',').map(Number);
const workspaces = 50;
const probes = 500;
const delivered = 1_000;
const root = new URL('../..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
const database = process.env.BENCH_DATABASE_URL;
const ports = { upstream: 4410, relay: 4412, admin: 4413 };
const children = [];

function start(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
let sent = 0;
const sendOne = () => {
  const number = sent++;
  return post(ports.relay, event(`Ev${number}`, `T${number % workspaces}`), { agent });
};

async function fill(count) {
  const last = sent + count;
  const senders = Array.from({ length: 32 }, async () => {
    while (sent < last) await sendOne();
  });
  await Promise.all(senders);
}

async function metrics() {
  const began = performance.now();
  const text = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
  const waiting = Number(/queue_events\{state="waiting"\} (\d+)/.exec(text)?.[1]);
  return { milliseconds: performance.now() - began, waiting };
}

async function measure(pid) {
  const latencies = [];
  for (let count = 0; count < probes; count++) latencies.push((await sendOne()).milliseconds);
  const scrapes = [];
  for (let count = 0; count < 10; count++) scrapes.push((await metrics()).milliseconds);
  const { waiting } = await metrics();
  const file = database ? undefined : (await stat(join(folder, 'relay.db'))).size;
  return {
    waiting,
    memory: await memory(pid),
    file,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    scrape: percentile(scrapes, 0.5),
  };
}

/** How long the first {@link delivered} events take once the upstream is back, and the relay's share of a core. */
async function deliver(pid) {
  const before = (await metrics()).waiting;
  const upstream = start(['bench/relay/upstream.js'], { PORT: String(ports.upstream) });
  let began;
  let cpu;
  for (;;) {
    const { waiting } = await metrics();
    if (began === undefined && waiting < before) {
      began = { at: performance.now(), waiting };
      cpu = await cpuSeconds(pid);
    }
    const done = began && began.waiting - waiting;
    if (began && (done >= delivered || waiting === 0)) {
      upstream.kill('SIGKILL');
      const seconds = (performance.now() - began.at) / 1000;
      return { rate: done / seconds, cpuMs: (((await cpuSeconds(pid)) - cpu) * 1000) / done };
    }
    await setTimeout(20);
  }
}

const rows = [];
try {
  const relay = start(
    [
      'bin/spacelift-slack.cjs',
      'serve',
      '--quiet',
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
  await ready(ports.relay);
  rows.push({ ...(await measure(relay.pid)), delivery: undefined });
  for (const size of sizes) {
    await fill(size - probes - (await metrics()).waiting);
    const figures = await measure(relay.pid);
    const delivery = await deliver(relay.pid);
    rows.push({ ...figures, delivery });
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

console.log(`${database ? 'PostgreSQL' : 'SQLite'}, ${workspaces} workspaces, Node ${process.version}\n`);
console.log('| waiting | memory | file | one more event, p50 | p99 | /metrics | delivers | CPU an event |');
console.log('|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const { waiting, memory: held, file, p50, p99, scrape, delivery } of rows) {
  const cells = [
    waiting,
    `${held} MB`,
    file === undefined ? '' : `${Math.round(file / 1e6)} MB`,
    `${p50.toFixed(1)} ms`,
    `${p99.toFixed(1)} ms`,
    `${scrape.toFixed(1)} ms`,
    delivery ? `${Math.round(delivery.rate)}/s` : '',
    delivery ? `${delivery.cpuMs.toFixed(1)} ms` : '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
