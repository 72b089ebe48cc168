// `serve` beside a bare node:http server that only verifies, and beside @slack/bolt's HTTPReceiver: requests for each
// second of CPU, the start to the first 200, and memory. Each server is alone on core 0, the load on core 1. Needs Linux,
// two cores and taskset. Run with: npm run bench -- serve
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparePairs, median } from './pairs.js';
import { connections, loadServer } from './serve/load.js';
import { command, forgedCommand, newEvent } from './serve/requests.js';
import { endServer, memory, startServer } from './serve/server-process.js';
import { count, ratioCell, table } from './table.js';

const requestsATurn = 4_000;
/** Node keeps optimising a program for tens of thousands of requests. */
const warmUpTurns = 5;

/** The arguments of Node for each server. */
const commandLines = {
  bare: () => ['bench/serve/bare.js'],
  serve: ({ port, folder }) => serve(port, `${folder}/serve.db`),
  'serve --quiet': ({ port, folder }) => [...serve(port, `${folder}/quiet.db`), '--quiet'],
  bolt: () => ['bench/serve/bolt.js'],
};
const serverNames = Object.keys(commandLines);

function serve(port, file) {
  const listen = ['--listen', `127.0.0.1:${port}`, '--admin-listen', '127.0.0.1:0'];
  return ['bin/spacelift-slack.cjs', 'serve', ...listen, '--store', `sqlite:${file}`];
}

let events = 0;

/** Makes one request. No two events are the same; Slack's commands differ too, but nothing depends on it here. */
const loads = {
  command,
  'forged command': forgedCommand,
  'new event': () => newEvent(`Ev${++events}`),
};

/** The requests of one turn. Signing takes longer than sending: only events are made one by one. */
function requestsOf(load) {
  const length = requestsATurn + connections;
  return load === 'new event' ? Array.from({ length }, loads[load]) : Array(length).fill(loads[load]());
}

/**
 * Measures the servers in turns, one after the other, so that whatever else the machine does falls on all alike.
 *
 * @param {{ turns?: number, starts?: number, loadNames?: readonly string[] }} [options]
 * @returns medians of the turns, and ratios to the other servers in the same turns with their quartiles
 */
export async function compareServers({ turns = 21, starts = 9, loadNames = Object.keys(loads) } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
  const running = {};
  try {
    const startTimes = await measureStarts(starts, folder, running);
    const runs = await measureLoads(turns, loadNames, running);
    const memories = Object.fromEntries(
      await Promise.all(serverNames.map(async (name) => [name, await memory(running[name].pid)])),
    );
    return {
      node: process.version,
      turns,
      loads: loadNames.flatMap((load) => serverNames.map((server) => summarise(load, server, runs[load]))),
      starts: serverNames.map((server) => ({
        server,
        milliseconds: median(startTimes[server]),
        ofBare: comparePairs(startTimes[server], startTimes.bare),
        atFirst200: running[server].memory,
        afterLoad: memories[server],
      })),
    };
  } finally {
    await Promise.all(Object.values(running).map(({ child }) => endServer(child)));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts each server so many times. The last ones stay, in `running`. */
async function measureStarts(starts, folder, running) {
  const times = Object.fromEntries(serverNames.map((name) => [name, []]));
  // The first turn makes the store and fills the caches of the disk.
  for (let turn = -1; turn < starts; turn += 1) {
    for (const name of serverNames) {
      const port = await freePort();
      const { child, milliseconds } = await startServer(commandLines[name]({ port, folder }), port);
      running[name] = { child, port, pid: child.pid, memory: await memory(child.pid) };
      if (turn >= 0) times[name].push(milliseconds);
      if (turn < starts - 1) await endServer(child);
    }
  }
  return times;
}

async function measureLoads(turns, loadNames, running) {
  const runs = Object.fromEntries(
    loadNames.map((load) => [load, Object.fromEntries(serverNames.map((name) => [name, []]))]),
  );
  // The first turns warm up, and do not count.
  for (let turn = -warmUpTurns; turn < turns; turn += 1) {
    for (const load of loadNames) {
      for (const name of serverNames) {
        const run = await loadServer(running[name], requestsOf(load));
        if (turn >= 0) runs[load][name].push(run);
      }
    }
  }
  return runs;
}

function summarise(load, server, runs) {
  const of = (name, measure) => runs[name].map((run) => run[measure]);
  const against = (peer, measure) => comparePairs(of(server, measure), of(peer, measure));
  return {
    load,
    server,
    perSecond: median(of(server, 'perSecond')),
    perCpuSecond: median(of(server, 'perCpuSecond')),
    rejected: median(of(server, 'rejected')),
    ofBare: against('bare', 'perCpuSecond'),
    ofBolt: against('bolt', 'perCpuSecond'),
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The result as tables in Markdown. */
export function formatServers({ node, turns, loads: rows, starts }) {
  return [
    `Medians of ${turns} turns of ${count(requestsATurn)} requests, ${connections} connections, Node ${node}; ratios with their quartiles.`,
    '',
    table(
      ['load', 'server', 'per CPU second', 'of bare', 'of Bolt', 'per second', 'rejected'],
      rows.map(({ load, server, perCpuSecond, ofBare, ofBolt, perSecond, rejected }) => [
        load,
        server,
        count(perCpuSecond),
        ratioCell(ofBare),
        ratioCell(ofBolt),
        count(perSecond),
        `${Math.round(rejected * 100)} %`,
      ]),
      { names: 2 },
    ),
    '',
    table(
      ['server', 'start to first 200', 'of bare', 'memory at first 200', 'memory after load'],
      starts.map(({ server, milliseconds, ofBare, atFirst200, afterLoad }) => [
        server,
        `${count(milliseconds)} ms`,
        ratioCell(ofBare),
        `${Math.round(atFirst200)} MB`,
        `${Math.round(afterLoad)} MB`,
      ]),
    ),
  ].join('\n');
}
