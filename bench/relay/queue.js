// How the relay fares with a long queue: its start and memory, what one more event, a list and /metrics cost, how fast it
// delivers, and how long it takes to change the state of all events, while others arrive.
// Run with: npm run bench:queue [-- 1000,1000000]; on PostgreSQL with BENCH_DATABASE_URL, a database whose tables of the
// store it drops.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { loadModule } from '../../scripts/load-module.js';
import { median } from '../pairs.js';
import { signedEvent } from '../serve/requests.js';
import { cpuSeconds, memory } from '../serve/server-process.js';
import { benchSecret } from '../serve/shared.js';
import { count, table } from '../table.js';
import { post } from './load.js';

const workspaces = 50;
const probes = 200;
const root = fileURLToPath(new URL('../..', import.meta.url));
const encryptionKey = Buffer.alloc(32, 7).toString('base64');
const ports = { upstream: 4610, relay: 4612, admin: 4613 };

/**
 * Measures a queue of each size, on SQLite or on PostgreSQL.
 *
 * @param {{ sizes: readonly number[], database?: string | undefined }} settings `database` is the URL of a PostgreSQL database
 * @returns one row of figures for each size; times in milliseconds, memory and files in MB
 */
export async function measureQueues({ sizes, database }) {
  const rows = [];
  for (const size of sizes) rows.push(await measureQueue(size, database));
  return rows;
}

async function measureQueue(size, database) {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
  const bench = new Bench(folder, database);
  try {
    if (database) await dropTables(database);
    return await bench.measure(size);
  } finally {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Bench {
  #folder;
  #database;
  #children = [];
  #store;
  #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  #sent = 0;

  constructor(folder, database) {
    this.#folder = folder;
    this.#database = database;
  }

  async measure(size) {
    const { deliveries } = await this.#open();
    await this.#fill(size - probes);
    const { relay, start } = await this.#startRelay();
    const latencies = [];
    for (let count = 0; count < probes; count++) latencies.push((await this.#sendOne()).milliseconds);
    const scrapes = [];
    for (let count = 0; count < 10; count++) scrapes.push((await this.#metrics()).milliseconds);
    const { waiting } = await this.#metrics();
    const figures = {
      waiting,
      start,
      memory: Math.round(await memory(relay.pid)),
      file: this.#database ? undefined : Math.round((await stat(this.#file)).size / 1e6),
      oneMore: median(latencies),
      scrape: median(scrapes),
      list: await elapsed(() => deliveries.list({ limit: 51 })),
    };
    // Half of a short queue is left for what follows.
    const delivery = await this.#deliver(relay.pid, Math.min(1_000, size / 2));
    const expire = () => deliveries.expire({ waiting: Date.now(), setAside: 0 });
    const expiry = await this.#whileEventsArrive(expire);
    const scrapeAfterExpiry = (await this.#metrics()).milliseconds;
    const retry = await this.#whileEventsArrive(() => deliveries.retry('all-set-aside'));
    await expire();
    const drop = await this.#whileEventsArrive(() => deliveries.drop('all-set-aside'));
    const listAfterDrop = await elapsed(() => deliveries.list({ limit: 51 }));
    return { ...figures, delivery, expiry, scrapeAfterExpiry, retry, drop, listAfterDrop };
  }

  async close() {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#agent.destroy();
    await this.#store?.close();
  }

  get #file() {
    return join(this.#folder, 'relay.db');
  }

  async #open() {
    if (this.#database) {
      const { openPostgresStore } = await loadModule('src/store/postgres/postgres.ts');
      this.#store = await openPostgresStore({
        url: this.#database,
        encryptionKey,
        keepsTokens: false,
        cwd: root,
      });
    } else {
      const { openSqliteStore } = await loadModule('src/store/sqlite.ts');
      this.#store = await openSqliteStore(this.#file, encryptionKey);
    }
    return this.#store;
  }

  /** Stores events as the relay would, without HTTP, which would take most of the time. */
  async #fill(count) {
    const last = this.#sent + count;
    const writers = Array.from({ length: 512 }, async () => {
      while (this.#sent < last) {
        const { id, workspace, request } = this.#next();
        await this.#store.recordEvent({
          eventId: id,
          workspace,
          type: 'app_mention',
          body: Buffer.from(request.body),
          delivery: request.headers,
        });
      }
    });
    await Promise.all(writers);
  }

  #next() {
    const number = this.#sent++;
    const [id, workspace] = [`Ev${number}`, `T${number % workspaces}`];
    return { id, workspace, request: signedEvent(id, workspace) };
  }

  #sendOne() {
    return post(ports.relay, this.#next().request, { agent: this.#agent });
  }

  #start(args, env = {}) {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
      stdio: 'ignore',
    });
    this.#children.push(child);
    return child;
  }

  async #startRelay() {
    const began = performance.now();
    const relay = this.#start(
      [
        ...['bin/spacelift-slack.cjs', 'serve', '--quiet', '--queue-limit', '10000000,64GiB'],
        ...['--listen', `127.0.0.1:${ports.relay}`, '--admin-listen', `127.0.0.1:${ports.admin}`],
        ...['--upstream', `http://127.0.0.1:${ports.upstream}`],
        ...(this.#database ? [] : ['--store', `sqlite:${this.#file}`]),
      ],
      {
        SPACELIFT_SLACK_ENCRYPTION_KEY: encryptionKey,
        ...(this.#database ? { DATABASE_URL: this.#database } : {}),
      },
    );
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${ports.admin}/readyz`).catch(() => undefined);
      if (response?.ok) return { relay, start: performance.now() - began };
      if (relay.exitCode !== null) throw new Error(`serve ended with ${relay.exitCode}`);
      await setTimeout(5);
    }
  }

  async #metrics() {
    let text = '';
    const milliseconds = await elapsed(async () => {
      text = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
    });
    return { milliseconds, waiting: Number(/queue_events\{state="waiting"\} (\d+)/.exec(text)?.[1]) };
  }

  /** How many events a second the relay delivers once the upstream is back, and what one costs it. */
  async #deliver(pid, count) {
    const before = (await this.#metrics()).waiting;
    const upstream = this.#start(['bench/relay/upstream.js'], { PORT: String(ports.upstream) });
    let began;
    for (;;) {
      const { waiting } = await this.#metrics();
      if (began === undefined && waiting < before) {
        began = { at: performance.now(), waiting, cpu: await cpuSeconds(pid) };
      }
      const done = began ? began.waiting - waiting : 0;
      if (began && (done >= count || waiting === 0)) {
        upstream.kill('SIGKILL');
        const seconds = (performance.now() - began.at) / 1000;
        return { rate: done / seconds, cpu: (((await cpuSeconds(pid)) - began.cpu) * 1000) / done };
      }
      await setTimeout(20);
    }
  }

  /** Changes many events, while another one arrives every 50 ms. */
  async #whileEventsArrive(change) {
    let isDone = false;
    let refused = 0;
    const latencies = [];
    const scrapes = [];
    const arrive = async () => {
      while (!isDone) {
        await this.#sendOne().then(
          ({ milliseconds }) => latencies.push(milliseconds),
          () => refused++,
        );
        await setTimeout(50);
      }
    };
    const scrape = async () => {
      while (!isDone) {
        scrapes.push((await this.#metrics()).milliseconds);
        await setTimeout(500);
      }
    };
    const others = [arrive(), scrape()];
    const began = { at: performance.now(), cpu: process.cpuUsage() };
    const changed = await change();
    const seconds = (performance.now() - began.at) / 1000;
    const { user, system } = process.cpuUsage(began.cpu);
    isDone = true;
    await Promise.all(others);
    return {
      changed,
      seconds,
      /** Of this process, in which SQLite works too. */
      cpuSeconds: (user + system) / 1e6,
      refused,
      oneMore: median(latencies),
      slowest: Math.max(...latencies),
      slowestScrape: Math.max(...scrapes),
    };
  }
}

async function elapsed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function dropTables(database) {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query('select tablename from pg_tables where schemaname = current_schema()');
  for (const { tablename } of rows) await client.query(`drop table ${client.escapeIdentifier(tablename)}`);
  await client.end();
}

/** The figures as two tables in Markdown. */
export function describeQueues(rows) {
  const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const seconds = (change) => `${change.seconds.toFixed(1)} s`;
  return [
    table(
      [
        'waiting',
        'start to `/readyz` 200',
        'memory',
        'file',
        'one more event, p50',
        '`list`',
        '`/metrics`',
        'deliveries',
        'CPU for one',
      ],
      rows.map((row) => [
        count(row.waiting),
        ms(row.start),
        `${row.memory} MB`,
        row.file === undefined ? '' : `${count(row.file)} MB`,
        ms(row.oneMore),
        ms(row.list),
        ms(row.scrape),
        `${count(row.delivery.rate)}/s`,
        ms(row.delivery.cpu),
      ]),
      { names: 0 },
    ),
    table(
      [
        'waiting',
        'expire',
        'retry',
        'drop',
        'refused',
        'one more event, p50',
        'slowest',
        'slowest `/metrics`',
        'after',
      ],
      rows.map((row) => {
        const changes = [row.expiry, row.retry, row.drop];
        return [
          count(row.waiting),
          ...changes.map(seconds),
          changes.reduce((sum, { refused }) => sum + refused, 0),
          ms(Math.max(...changes.map(({ oneMore }) => oneMore))),
          ms(Math.max(...changes.map(({ slowest }) => slowest))),
          ms(Math.max(...changes.map(({ slowestScrape }) => slowestScrape))),
          ms(row.scrapeAfterExpiry),
        ];
      }),
      { names: 0 },
    ),
  ].join('\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = (process.argv[2] ?? '1000,10000,100000').split(',').map(Number);
  const database = process.env.BENCH_DATABASE_URL;
  const rows = await measureQueues({ sizes, database });
  console.log(`${database ? 'PostgreSQL' : 'SQLite'}, ${workspaces} workspaces, Node ${process.version}\n`);
  console.log(describeQueues(rows));
}
