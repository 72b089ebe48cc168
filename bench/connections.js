// How the cost of a signed slash command grows with the number of connections, beside a bare node:http server that only
// verifies. Each server is alone on core 0. Needs Linux, two cores and taskset.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { comparePairs, median } from './pairs.js';
import { loadServer } from './serve/load.js';
import { command } from './serve/requests.js';
import { endServer, memory, startServer } from './serve/server-process.js';
import { makeFolder } from './starts.js';
import { figure, ratioCell, table } from './table.js';

const counts = [1, 10, 100, 1_000];
const requestsATurn = 3_000;
const ports = { bare: 4760, serve: 4761 };
const names = Object.keys(ports);

/** @param {{ turns?: number }} [options] */
export async function compareConnections({ turns = 9 } = {}) {
  const folder = makeFolder();
  const commandLines = {
    bare: ['bench/serve/bare.js'],
    // A peer that is not a trusted proxy may have 500 connections.
    serve: [
      ...[
        'bin/spacelift-slack.cjs',
        'serve',
        '--trust-proxy',
        '--store',
        `sqlite:${join(folder, 'serve.db')}`,
      ],
      ...['--listen', `127.0.0.1:${ports.serve}`, '--admin-listen', '127.0.0.1:0'],
    ],
  };
  const servers = {};
  try {
    for (const name of names) {
      const { child } = await startServer(commandLines[name], ports[name]);
      servers[name] = { child, pid: child.pid, port: ports[name] };
    }
    const rows = [];
    for (const count of counts) rows.push(await measure(count, turns, servers));
    return { turns, rows };
  } finally {
    await Promise.all(Object.values(servers).map(({ child }) => endServer(child)));
    rmSync(folder, { recursive: true });
  }
}

async function measure(count, turns, servers) {
  const runs = { bare: [], serve: [] };
  // The first turn warms up, and does not count.
  for (let turn = -1; turn < turns; turn += 1) {
    for (const name of names) {
      const run = await loadServer(servers[name], Array(requestsATurn + count).fill(command()), count);
      if (run.rejected > 0) throw new Error(`${name} rejected requests over ${count} connections`);
      if (turn >= 0) runs[name].push(run);
    }
  }
  const of = (name, measured) => runs[name].map((run) => run[measured]);
  return {
    connections: count,
    perSecond: median(of('serve', 'perSecond')),
    perCpuSecond: median(of('serve', 'perCpuSecond')),
    ofBare: comparePairs(of('serve', 'perCpuSecond'), of('bare', 'perCpuSecond')),
    memory: await memory(servers.serve.pid),
  };
}

/** The result as a table in Markdown. */
export function formatConnections({ rows }) {
  return table(
    ['connections', 'commands/s', 'per CPU second', 'of bare', 'memory then'],
    rows.map(({ connections, perSecond, perCpuSecond, ofBare, memory: held }) => [
      connections.toLocaleString('en'),
      figure(perSecond),
      figure(perCpuSecond),
      ratioCell(ofBare),
      `${Math.round(held)} MB`,
    ]),
  );
}
