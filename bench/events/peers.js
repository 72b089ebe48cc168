// `serve` storing events on SQLite, beside a bare server that flushes the disk as often for each group of events. Each
// server is alone on core 0, the load on core 1. Needs Linux, two cores and taskset. Run with: npm run bench -- events
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparePairs } from '../pairs.js';
import { connections, loadServer } from '../serve/load.js';
import { newEvent } from '../serve/requests.js';
import { endServer, startServer } from '../serve/server-process.js';
import { spread } from '../spread.js';
import { ratioCell, spreadCell, table } from '../table.js';

const eventsATurn = 4_000;
/** Node keeps optimising a program for tens of thousands of requests. */
const warmUpTurns = 5;
const ports = { bare: 4430, serve: 4431, 'serve --quiet': 4432 };

/** The arguments of Node for each server. */
const commandLines = {
  bare: (folder) => ['bench/events/durable-bare.js', folder],
  serve: (folder) => serve(folder, ports.serve),
  'serve --quiet': (folder) => [...serve(folder, ports['serve --quiet']), '--quiet'],
};
const names = Object.keys(commandLines);

function serve(folder, port) {
  const listen = ['--listen', `127.0.0.1:${port}`, '--admin-listen', '127.0.0.1:0'];
  return ['bin/spacelift-slack.cjs', 'serve', ...listen, '--store', `sqlite:${folder}/serve.db`];
}

let events = 0;

/**
 * Measures the servers in turns, one after the other, so that whatever else the machine does falls on all alike.
 *
 * @param {{ turns: number }} options
 * @returns medians of the turns with their quartiles, and ratios to the bare server in the same turns
 */
export async function compareEventStores({ turns }) {
  const root = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
  const running = {};
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const folder = join(root, name.replaceAll(/\W/g, ''));
      await mkdir(folder);
      const { child } = await startServer(commandLines[name](folder), ports[name]);
      running[name] = { child, pid: child.pid, port: ports[name] };
    }
    for (let turn = -warmUpTurns; turn < turns; turn += 1) {
      for (const name of names) {
        const requests = Array.from({ length: eventsATurn + connections }, () => newEvent(`Ev${++events}`));
        const run = await loadServer(running[name], requests);
        if (run.rejected > 0) throw new Error(`${name} rejected events`);
        if (turn >= 0) runs[name].push(run);
      }
    }
  } finally {
    await Promise.all(Object.values(running).map(({ child }) => endServer(child)));
    await rm(root, { recursive: true, force: true });
  }
  return { turns, servers: names.map((name) => summarise(name, runs)) };
}

function summarise(name, runs) {
  const of = (server, measure) => runs[server].map((run) => run[measure]);
  const compare = (measure) => ({
    ...spread(of(name, measure)),
    ofBare: comparePairs(of(name, measure), of('bare', measure)),
  });
  return { name, perSecond: compare('perSecond'), perCpuSecond: compare('perCpuSecond') };
}

/** The result as a table in Markdown. */
export function formatEventStores({ servers }) {
  return table(
    ['server', 'events a second', 'of bare', 'events for each CPU second', 'of bare'],
    servers.map(({ name, perSecond, perCpuSecond }) => [
      name,
      spreadCell(perSecond),
      ratioCell(perSecond.ofBare),
      spreadCell(perCpuSecond),
      ratioCell(perCpuSecond.ofBare),
    ]),
  );
}
