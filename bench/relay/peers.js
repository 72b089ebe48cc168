// What the relay costs beside reverse proxies that verify nothing: nginx, HAProxy and fast-proxy, which runs on Node. Each
// proxy is alone on core 0; the upstream and the load are on core 1. Needs Linux, two cores, taskset, nginx and HAProxy
// (apt-get install nginx-light haproxy). Run with: npm run bench -- relay
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparePairs, median, quantile } from '../pairs.js';
import { connections, loadServer } from '../serve/load.js';
import { rawRequest } from '../serve/requests.js';
import { endServer } from '../serve/server-process.js';
import { benchSecret } from '../serve/shared.js';
import { spread } from '../spread.js';
import { ratioCell, spreadCell, table } from '../table.js';
import { command, post, ready } from './load.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fastProxyFolder = join(root, 'node_modules/.cache/bench');
const fastProxyVersion = '2.2.0';
const ports = { direct: 4400, nginx: 4401, haproxy: 4402, 'fast-proxy': 4403, relay: 4404 };
const upstreamUrl = `http://127.0.0.1:${ports.direct}`;
const requestsATurn = 3_000;
/** Of each turn, over one connection, for the latency. */
const singleRequests = 200;
/** Node keeps optimising a program for tens of thousands of requests. */
const warmUpTurns = 5;

/** The program and arguments of each proxy. */
const commandLines = {
  nginx: (folder) => ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')],
  haproxy: (folder) => ['haproxy', '-f', join(folder, 'haproxy.cfg')],
  'fast-proxy': () => [process.execPath, 'bench/relay/fast-proxy.cjs', fastProxyFolder, upstreamUrl],
  relay: (folder) => [
    process.execPath,
    'bin/spacelift-slack.cjs',
    'serve',
    ...['--listen', `127.0.0.1:${ports.relay}`, '--admin-listen', '127.0.0.1:0'],
    ...['--upstream', upstreamUrl, '--store', `sqlite:${folder}/relay.db`],
  ],
};
const proxies = Object.keys(commandLines);

/**
 * Measures the proxies in turns, one after the other, so that whatever else the machine does falls on all alike.
 *
 * @param {{ turns: number }} options
 * @returns latencies in milliseconds and requests for each CPU second, as medians of the turns with their quartiles; and
 * the ratios of the relay to its peers in the same turns
 */
export async function compareProxies({ turns }) {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
  const children = [];
  const start = (core, name, line) => {
    const child = spawn('taskset', ['-c', String(core), ...line], {
      cwd: root,
      env: {
        PATH: `${process.env.PATH}:/usr/sbin`,
        SLACK_SECRET: benchSecret,
        PORT: String(ports[name]),
        NODE_ENV: 'production',
      },
      stdio: 'ignore',
    });
    children.push(child);
    return { port: ports[name], pid: child.pid };
  };
  try {
    installFastProxy();
    await writeConfigurations(folder);
    const running = { direct: start(1, 'direct', [process.execPath, 'bench/relay/upstream.js']) };
    for (const name of proxies) running[name] = start(0, name, commandLines[name](folder));
    for (const { port } of Object.values(running)) await ready(port);
    return summarise(turns, await measure(turns, running));
  } finally {
    await Promise.all(children.map(endServer));
    await rm(folder, { recursive: true, force: true });
  }
}

/** It is no development dependency, since only this measurement needs it. */
function installFastProxy() {
  if (existsSync(join(fastProxyFolder, 'node_modules/fast-proxy'))) return;
  const options = ['--no-save', '--no-audit', '--no-fund', '--silent'];
  const args = ['install', '--prefix', fastProxyFolder, ...options, `fast-proxy@${fastProxyVersion}`];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`fast-proxy could not be installed:\n${stderr}`);
}

async function writeConfigurations(folder) {
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log /dev/null;
     events { worker_connections 1024; }
     http {
       access_log off;
       client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
       uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
       keepalive_requests 1000000;
       upstream spacelift { server 127.0.0.1:${ports.direct}; keepalive 64; keepalive_requests 1000000; }
       server {
         listen 127.0.0.1:${ports.nginx};
         location / { proxy_pass http://spacelift; proxy_http_version 1.1; proxy_set_header Connection ""; }
       }
     }`,
  );
  await writeFile(
    join(folder, 'haproxy.cfg'),
    `global
       nbthread 1
     defaults
       mode http
       timeout connect 5s
       timeout client 60s
       timeout server 60s
     frontend slack
       bind 127.0.0.1:${ports.haproxy}
       default_backend spacelift
     backend spacelift
       http-reuse always
       server one 127.0.0.1:${ports.direct}
`,
  );
}

async function measure(turns, running) {
  const runs = Object.fromEntries(Object.keys(running).map((name) => [name, []]));
  for (let turn = -warmUpTurns; turn < turns; turn += 1) {
    for (const [name, server] of Object.entries(running)) {
      const latencies = await measureLatency(server);
      // No two are the same: the relay forwards each signed request once.
      const requests = Array.from({ length: requestsATurn + connections }, () => rawRequest(command()));
      const { perCpuSecond, rejected } = await loadServer(server, requests);
      if (rejected > 0) throw new Error(`${name} rejected requests`);
      if (turn >= 0) runs[name].push({ perCpuSecond, ...latencies });
    }
  }
  return runs;
}

async function measureLatency({ port }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let count = 0; count < singleRequests; count += 1) {
    times.push((await post(port, command(), { agent })).milliseconds);
  }
  agent.destroy();
  return { p50: median(times), p99: quantile(times, 0.99) };
}

function summarise(turns, runs) {
  const of = (name, measure) => runs[name].map((run) => run[measure]);
  const added = (name, measure) =>
    median(runs[name].map((run, turn) => run[measure] - runs.direct[turn][measure]));
  const relayOf = (peer) => comparePairs(of('relay', 'perCpuSecond'), of(peer, 'perCpuSecond'));
  return {
    turns,
    proxies: proxies.map((name) => ({
      name,
      addedP50: added(name, 'p50'),
      addedP99: added(name, 'p99'),
      perCpuSecond: spread(of(name, 'perCpuSecond')),
      relayOf: relayOf(name),
    })),
  };
}

/** The result as a table in Markdown. */
export function formatProxies({ proxies: rows }) {
  const time = (milliseconds) => `${milliseconds.toFixed(2)} ms`;
  return table(
    ['proxy', 'added p50', 'added p99', 'requests for each CPU second', 'relay, of it'],
    rows.map(({ name, addedP50, addedP99, perCpuSecond, relayOf }) => [
      name,
      time(addedP50),
      time(addedP99),
      spreadCell(perCpuSecond),
      name === 'relay' ? '' : ratioCell(relayOf),
    ]),
  );
}
