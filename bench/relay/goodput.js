// Goodput against offered load: how many events a second get a 200 within the 3 s that Slack waits, if the store is slow or
// the processor is. The load is offered at a fixed rate, whatever the relay does: doubled until it is ten times of what the
// relay stored at best, or as much as one process can send.
// Run with: npm run bench:goodput [-- scenario,…]; the scenarios on PostgreSQL need BENCH_DATABASE_URL, an empty database;
// those with a limit of the processor need Linux and root.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import pg from 'pg';
import { endServer } from '../serve/server-process.js';
import { benchSecret } from '../serve/shared.js';
import { count, table } from '../table.js';
import { limitCpu } from './cpu-limit.js';
import { ready } from './load.js';
import { offerEvents } from './offer.js';

const seconds = 8;
/** About as many events a second as one process can send. */
const maxRate = 3_200;
/** How long the relay has after a load, in milliseconds: what Slack no longer waits for is not part of the next one. */
const pauseMs = 3_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const ports = { upstream: 4460, relay: 4462 };

/**
 * How long the store is locked at a time and free in between, in milliseconds. Unlike PostgreSQL, SQLite has no queue for
 * its lock: who waits looks every 5 ms whether it is free.
 */
export const lockTimes = { held: 800, free: { sqlite: 50, postgresql: 5 } };

/**
 * What is scarce, and the load to begin with, in events a second.
 *
 * @type {Readonly<Record<string, { title: string, store: 'sqlite' | 'postgresql', locked?: true, cpuShare?: number, from: number }>>}
 */
export const goodputScenarios = {
  'sqlite-locked': { title: 'SQLite, locked by another process', store: 'sqlite', locked: true, from: 100 },
  'postgresql-locked': {
    title: 'PostgreSQL, locked by another session',
    store: 'postgresql',
    locked: true,
    from: 100,
  },
  'cpu-20': { title: 'SQLite, 20% of a core', store: 'sqlite', cpuShare: 0.2, from: 50 },
  'cpu-10': { title: 'SQLite, 10% of a core', store: 'sqlite', cpuShare: 0.1, from: 25 },
  'cpu-5': { title: 'SQLite, 5% of a core', store: 'sqlite', cpuShare: 0.05, from: 40 },
};

/**
 * Offers more and more load to a relay.
 *
 * @param {keyof typeof goodputScenarios} name
 * @returns {Promise<{ offered: number, stored: number, refused: number, lost: number, p99: number }[]>} events a second: with
 * a 200, with a 503 and without a response in time; and the 99th percentile of the time to a 200, in milliseconds
 */
export async function measureGoodput(name) {
  const { store, locked, cpuShare, from } = goodputScenarios[name];
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-goodput-'));
  const file = join(folder, 'relay.db');
  const database = store === 'postgresql' ? process.env.BENCH_DATABASE_URL : undefined;
  if (store === 'postgresql' && !database) throw new Error(`${name} needs BENCH_DATABASE_URL`);
  const children = [];
  const start = (args, env = {}) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        SLACK_SECRET: benchSecret,
        NODE_ENV: 'production',
        ...env,
      },
      stdio: 'ignore',
    });
    children.push(child);
    return child;
  };
  const stop = new AbortController();
  let removeLimit = () => undefined;
  try {
    start(['bench/relay/upstream.js'], { PORT: String(ports.upstream) });
    const options = {
      '--listen': `127.0.0.1:${ports.relay}`,
      '--admin-listen': '127.0.0.1:0',
      '--upstream': `http://127.0.0.1:${ports.upstream}`,
      ...(database ? {} : { '--store': `sqlite:${file}` }),
    };
    const relay = start(
      ['bin/spacelift-slack.cjs', 'serve', '--quiet', '--trust-proxy', ...Object.entries(options).flat()],
      database ? { DATABASE_URL: database } : {},
    );
    await ready(ports.relay);
    await offerEvents(ports.relay, 200, seconds);
    if (cpuShare) removeLimit = limitCpu(relay.pid, cpuShare);
    const locking =
      locked && (database ? lockPostgres(database, stop.signal) : lockSqlite(file, stop.signal));
    const rows = [];
    let best = 0;
    for (let rate = from; rate <= maxRate && rate < 20 * Math.max(from, best); rate *= 2) {
      const row = await offerEvents(ports.relay, rate, seconds);
      rows.push(row);
      best = Math.max(best, row.stored);
      await setTimeout(pauseMs);
    }
    stop.abort();
    await locking;
    return rows;
  } finally {
    await Promise.all(children.map(endServer));
    removeLimit();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Holds the lock that a commit takes for most of the time, as another replica over a slow link would. */
async function lockPostgres(database, signal) {
  const client = new pg.Client(database);
  await client.connect();
  while (!signal.aborted) {
    await client.query('begin; lock table settings in share update exclusive mode');
    await setTimeout(lockTimes.held);
    await client.query('commit');
    await setTimeout(lockTimes.free.postgresql);
  }
  await client.end();
}

/** Holds the lock that a commit takes for most of the time, as another process on a slow disk would. */
async function lockSqlite(file, signal) {
  const database = new Database(file);
  while (!signal.aborted) {
    try {
      database.exec('begin immediate');
    } catch (error) {
      if (error.code !== 'SQLITE_BUSY') throw error;
      await setTimeout(1);
      continue;
    }
    await setTimeout(lockTimes.held);
    database.exec('rollback');
    await setTimeout(lockTimes.free.sqlite);
  }
  database.close();
}

/**
 * @param {Awaited<ReturnType<typeof measureGoodput>>} rows
 * @returns {string} a table in Markdown
 */
export function formatGoodput(rows) {
  return table(
    ['offered events/s', '200 within 3 s', '503 within 3 s', 'no response in 3 s', 'p99 of a 200'],
    rows.map(({ offered, stored, refused, lost, p99 }) => [
      ...[offered, stored, refused, lost].map(count),
      Number.isNaN(p99) ? '' : `${count(p99)} ms`,
    ]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`${seconds} s for each load, Node ${process.version}`);
  for (const name of process.argv[2]?.split(',') ?? Object.keys(goodputScenarios)) {
    console.log(`\n${goodputScenarios[name].title}:\n`);
    console.log(formatGoodput(await measureGoodput(name)));
  }
}
