// The CPU time of a signed slash command to `serve`, beside a bare server that only verifies it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparePairs } from '../pairs.js';
import { command, cpuSeconds, post, ready } from '../relay/load.js';
import { benchSecret } from '../serve/shared.js';
import { makeFolder } from '../starts.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ports = { bare: 4750, serve: 4751 };
const connections = 16;
const requestsATurn = 2_000;

/**
 * @param {number} turns
 * @returns {Promise<number>} the ratio
 */
export async function compareRequests(turns) {
  const folder = makeFolder();
  const listen = ['--listen', `127.0.0.1:${ports.serve}`, '--admin-listen', '127.0.0.1:0'];
  const store = ['--store', `sqlite:${join(folder, 'serve.db')}`];
  const children = {
    bare: start(['bench/serve/bare.js'], { PORT: String(ports.bare) }),
    serve: start(['bin/spacelift-slack.cjs', 'serve', ...listen, ...store]),
  };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = { bare: [], serve: [] };
  try {
    for (const port of Object.values(ports)) await ready(port);
    // The first turn warms up, and does not count.
    for (let turn = -1; turn < turns; turn += 1) {
      for (const [name, { pid }] of Object.entries(children)) {
        const before = await cpuSeconds(pid);
        await load(ports[name], agent);
        if (turn >= 0) times[name].push((await cpuSeconds(pid)) - before);
      }
    }
  } finally {
    agent.destroy();
    for (const child of Object.values(children)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true });
  }
  return comparePairs(times.serve, times.bare).ratio;
}

function start(args, env = {}) {
  return spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, NODE_ENV: 'production', ...env },
    stdio: 'ignore',
  });
}

async function load(port, agent) {
  let sent = 0;
  const send = async () => {
    for (; sent < requestsATurn; sent += 1) await post(port, command(), { agent });
  };
  await Promise.all(Array.from({ length: connections }, send));
}
