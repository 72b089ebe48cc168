// The CPU time of a signed slash command to `serve`, beside a bare server that only verifies it.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { comparePairs } from '../pairs.js';
import { connections, loadServer } from '../serve/load.js';
import { command } from '../serve/requests.js';
import { endServer, startServer } from '../serve/server-process.js';
import { makeFolder } from '../starts.js';

const requestsATurn = 2_000;
/** Node keeps optimising a program for thousands of requests. */
const warmUpTurns = 5;

/**
 * @param {number} turns
 * @returns {Promise<number>} the median of the ratios
 */
export async function compareRequests(turns) {
  const folder = makeFolder();
  const ports = { bare: await freePort(), serve: await freePort() };
  const listen = ['--listen', `127.0.0.1:${ports.serve}`, '--admin-listen', '127.0.0.1:0'];
  const commandLines = {
    bare: ['bench/serve/bare.js'],
    serve: ['bin/spacelift-slack.cjs', 'serve', ...listen, '--store', `sqlite:${join(folder, 'serve.db')}`],
  };
  const servers = {};
  const costs = { bare: [], serve: [] };
  try {
    for (const [name, port] of Object.entries(ports)) {
      const { child } = await startServer(commandLines[name], port);
      servers[name] = { child, pid: child.pid, port };
    }
    for (let turn = -warmUpTurns; turn < turns; turn += 1) {
      for (const [name, server] of Object.entries(servers)) {
        const requests = Array(requestsATurn + connections).fill(command());
        const { perCpuSecond } = await loadServer(server, requests);
        if (turn >= 0) costs[name].push(1 / perCpuSecond);
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map(({ child }) => endServer(child)));
    rmSync(folder, { recursive: true });
  }
  return comparePairs(costs.serve, costs.bare).ratio;
}

/** @returns a port that nothing listens on: other runs, and other programs, have ports of their own */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
