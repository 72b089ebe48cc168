// What replicas of `serve --upstream` on one PostgreSQL do together: events stored and commands forwarded a second by 1, 2
// and 4 of them, and the CPU time that serve and PostgreSQL use for each, which shows what bounds them. Needs Linux, and
// PostgreSQL on this machine: BENCH_DATABASE_URL names a database whose role may create others.
// Run with: npm run bench -- replicas
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { command, ready } from './relay/load.js';
import { connections, loadServer } from './serve/load.js';
import { rawRequest, signedEvent } from './serve/requests.js';
import { cpuSeconds, endServer } from './serve/server-process.js';
import { benchSecret } from './serve/shared.js';
import { spread } from './spread.js';
import { spreadCell, table } from './table.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const usualDatabase = 'postgres://postgres@127.0.0.1:5432/test';
const replicaCounts = [1, 2, 4];
const mostReplicas = Math.max(...replicaCounts);
const workspaces = 50;
const requestsATurn = 2_000;
/** Node keeps optimising a program for tens of thousands of requests. */
const warmUpTurns = 3;
const upstreamPort = 4440;

let number = 0;

/** The replicas that forward events have no upstream, so that the events are only stored. */
const loads = {
  event: {
    firstPort: 4441,
    upstream: 'http://127.0.0.1:9',
    request: () => rawRequest(signedEvent(`Ev${++number}`, `T${number % workspaces}`)),
  },
  command: {
    firstPort: 4441 + mostReplicas,
    upstream: `http://127.0.0.1:${upstreamPort}`,
    request: () => rawRequest(command()),
  },
};

/**
 * Loads 1, 2 and 4 replicas in turns.
 *
 * @param {{ turns: number, database?: string }} options
 * @returns medians of the turns with their quartiles, for each load and number of replicas; CPU times are those for one request, in
 * milliseconds
 */
export async function compareReplicas({ turns, database = process.env.BENCH_DATABASE_URL ?? usualDatabase }) {
  const children = [];
  const start = (args, env = {}) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
      stdio: 'ignore',
    });
    children.push(child);
    return child.pid;
  };
  const admin = new pg.Client(database);
  await admin.connect();
  const databases = [];
  try {
    start(['bench/relay/upstream.js'], { PORT: String(upstreamPort) });
    const fleets = {};
    for (const [name, { firstPort, upstream }] of Object.entries(loads)) {
      const own = `spacelift_slack_bench_${randomUUID().replaceAll('-', '')}`;
      await admin.query(`create database ${own}`);
      databases.push(own);
      const url = new URL(database);
      url.pathname = `/${own}`;
      const replicas = [];
      for (let port = firstPort; port < firstPort + mostReplicas; port += 1) {
        replicas.push({ port, pid: start(serve(port, upstream), { DATABASE_URL: String(url) }) });
      }
      for (const { port } of replicas) await ready(port);
      fleets[name] = { replicas, database: own };
    }
    return { turns, loads: await measure(turns, fleets, admin) };
  } finally {
    await Promise.all(children.map(endServer));
    for (const own of databases) await admin.query(`drop database ${own} with (force)`);
    await admin.end();
  }
}

function serve(port, upstream) {
  const listen = ['--listen', `127.0.0.1:${port}`, '--admin-listen', '127.0.0.1:0'];
  return ['bin/spacelift-slack.cjs', 'serve', '--quiet', ...listen, '--upstream', upstream];
}

async function measure(turns, fleets, admin) {
  const rows = Object.keys(fleets).flatMap((load) =>
    replicaCounts.map((replicas) => ({ load, replicas, runs: [] })),
  );
  for (let turn = -warmUpTurns; turn < turns; turn += 1) {
    for (const { load, replicas, runs } of rows) {
      const run = await loadReplicas(load, fleets[load], replicas, admin);
      if (turn >= 0) runs.push(run);
    }
  }
  return rows.map(({ load, replicas, runs }) => {
    const the = (measure) => spread(runs.map((run) => run[measure]));
    return {
      load,
      replicas,
      perSecond: the('perSecond'),
      serveMs: the('serveMs'),
      postgresMs: the('postgresMs'),
    };
  });
}

async function loadReplicas(load, fleet, count, admin) {
  const replicas = fleet.replicas.slice(0, count);
  const length = requestsATurn / count + connections;
  const requests = replicas.map(() => Array.from({ length }, loads[load].request));
  const before = await cpuTimes(fleet, admin);
  const began = performance.now();
  const runs = await Promise.all(replicas.map((replica, index) => loadServer(replica, requests[index])));
  const seconds = (performance.now() - began) / 1_000;
  const after = await cpuTimes(fleet, admin);
  if (runs.some(({ rejected }) => rejected > 0)) throw new Error(`a replica rejected requests (${load})`);
  const total = length * count;
  return {
    perSecond: total / seconds,
    serveMs: (used(after.serve, before.serve) / total) * 1_000,
    postgresMs: (used(after.postgres, before.postgres) / total) * 1_000,
  };
}

/** The CPU seconds of each replica, and of each connection to PostgreSQL, which is one process of the server, by pid. */
async function cpuTimes({ replicas, database }, admin) {
  const { rows } = await admin.query('select pid from pg_stat_activity where datname = $1', [database]);
  const backends = rows.map((row) => row.pid).filter((pid) => existsSync(`/proc/${pid}`));
  if (backends.length === 0) throw new Error('PostgreSQL is not on this machine');
  const read = async (pids) =>
    new Map(await Promise.all(pids.map(async (pid) => [pid, await cpuSeconds(pid)])));
  return { serve: await read(replicas.map(({ pid }) => pid)), postgres: await read(backends) };
}

/** What processes have used since then. Connections come and go meanwhile: one that has ended is not counted. */
function used(after, before) {
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0);
}

/** The result as a table in Markdown. */
export function formatReplicas({ loads: rows }) {
  return table(
    ['load', 'replicas', 'a second', 'CPU of serve, ms', 'CPU of PostgreSQL, ms'],
    rows.map(({ load, replicas, perSecond, serveMs, postgresMs }) => [
      load,
      replicas,
      ...[perSecond, serveMs, postgresMs].map(spreadCell),
    ]),
  );
}
