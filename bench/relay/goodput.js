// Goodput against offered load: how many events a second get a 200 within the 3 s that Slack waits, on a PostgreSQL whose
// commits are slow: another session holds the lock that a commit takes for 0.8 s at a time. The load is offered at a
// fixed rate, whatever the relay does.
// Run with: npm run bench:goodput [-- 150,600,1500]; BENCH_DATABASE_URL names an empty PostgreSQL database.

import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { benchSecret } from '../serve/shared.js';
import { event, percentile, post, ready } from './load.js';

const seconds = 4;
const rates = (process.argv[2] ?? '150,600,1500').split(',').map(Number);
const slackWaitsMs = 3_000;
const workspaces = 50;
const root = new URL('../..', import.meta.url).pathname;
const database = process.env.BENCH_DATABASE_URL;
const ports = { upstream: 4460, relay: 4462 };
const children = [];

function start(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

/** Holds the lock that a commit takes for most of the time, as another replica over a slow link would. */
async function slowDown(signal) {
  const client = new pg.Client(database);
  await client.connect();
  while (!signal.aborted) {
    await client.query('begin; lock table settings in share update exclusive mode');
    await setTimeout(800);
    await client.query('commit');
    await setTimeout(5);
  }
  await client.end();
}

let sent = 0;
async function send(agent) {
  const number = sent++;
  const began = performance.now();
  const request = event(`Ev${number}`, `T${number % workspaces}`);
  const result = await post(ports.relay, request, { agent, signal: AbortSignal.timeout(slackWaitsMs) }).then(
    () => 'stored',
    (error) => (error.message === 'HTTP 503' ? 'refused' : 'lost'),
  );
  return { result, milliseconds: performance.now() - began };
}

async function offer(rate) {
  const agent = new Agent({ keepAlive: true });
  const results = [];
  const began = performance.now();
  for (let count = 0; count < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate);
    for (; count < due; count++) results.push(send(agent));
    await setTimeout(10);
  }
  const all = await Promise.all(results);
  agent.destroy();
  const rateOf = (kind) => all.filter(({ result }) => result === kind).length / seconds;
  const times = all.filter(({ result }) => result === 'stored').map(({ milliseconds }) => milliseconds);
  return {
    rate,
    stored: rateOf('stored'),
    refused: rateOf('refused'),
    lost: rateOf('lost'),
    p99: percentile(times, 0.99) ?? Number.NaN,
  };
}

const rows = [];
const stop = new AbortController();
try {
  start(['bench/relay/upstream.js'], { PORT: String(ports.upstream) });
  start(
    [
      'bin/spacelift-slack.cjs',
      'serve',

      '--quiet',
      '--trust-proxy',
      '--listen',
      `127.0.0.1:${ports.relay}`,
      '--admin-listen',
      '127.0.0.1:0',
      '--upstream',
      `http://127.0.0.1:${ports.upstream}`,
    ],
    { DATABASE_URL: database },
  );
  await ready(ports.relay);
  const slowed = slowDown(stop.signal);
  for (const rate of rates) {
    rows.push(await offer(rate));
    // What Slack no longer waits for is not part of the next load.
    await setTimeout(2_000);
  }
  stop.abort();
  await slowed;
} finally {
  for (const child of children) child.kill('SIGKILL');
}

console.log(`PostgreSQL, ${seconds} s for each load, Node ${process.version}\n`);
console.log('| offered events/s | 200 within 3 s | 503 within 3 s | no response in 3 s | p99 of a 200 |');
console.log('|---:|---:|---:|---:|---:|');
for (const { rate, stored, refused, lost, p99 } of rows) {
  const values = [rate, stored, refused, lost].map((value) => Math.round(value));
  console.log(`| ${[...values, `${Math.round(p99)} ms`].join(' | ')} |`);
}
