// What the relay adds to the way to an upstream, beside nginx as a plain reverse proxy that verifies nothing: latency
// over one connection, then throughput over 32. The proxy alone on core 0, the upstream and the load on core 1. Needs
// Linux, two cores, taskset, wrk and nginx (apt-get install wrk nginx-light).
// Run with: npm run bench:relay [-- rounds]
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { benchSecret } from '../serve/shared.js';
import { command, cpuSeconds, percentile, post, rawRequest, ready } from './load.js';

const rounds = Number(process.argv[2] ?? 9);
const requestsARound = 400;
/** More than the relay handles. */
const maxPerSecond = 30_000;
const root = new URL('../..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
const ports = { direct: 4400, nginx: 4401, relay: 4402 };
const targets = Object.keys(ports);
const children = [];

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

function start(core, program, args, port) {
  const child = spawn('taskset', ['-c', String(core), program, ...args], {
    cwd: root,
    env: {
      PATH: `${process.env.PATH}:/usr/sbin`,
      SLACK_SECRET: benchSecret,
      PORT: String(port),
      NODE_ENV: 'production',
    },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

async function throughput(port, pid) {
  const data = join(folder, 'request');
  const script = join(folder, 'load.lua');
  const requests = Array.from({ length: maxPerSecond }, () => rawRequest(command()));
  await writeFile(data, requests.join('\0'));
  await writeFile(
    script,
    `local requests, next = {}, 0
     function init() for r in io.open("${data}", "rb"):read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = r end end
     function request() next = next % #requests + 1; return requests[next] end`,
  );
  const before = await cpuSeconds(pid);
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    '1',
    'wrk',
    '-t1',
    '-c32',
    '-d1s',
    '-s',
    script,
    `http://127.0.0.1:${port}/`,
  ]);
  if (/Non-2xx/.test(stdout)) throw new Error(`port ${port} refused requests:\n${stdout}`);
  const total = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (total > maxPerSecond && port === ports.relay)
    throw new Error('the requests ran out, and some came twice');
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { rate, perCpuSecond: total / ((await cpuSeconds(pid)) - before) };
}

const latencies = Object.fromEntries(targets.map((target) => [target, []]));
const rates = Object.fromEntries(targets.map((target) => [target, []]));
try {
  const pids = {
    direct: start(1, process.execPath, ['bench/relay/upstream.js'], ports.direct).pid,
    nginx: start(0, 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], ports.nginx).pid,
    relay: start(0, process.execPath, [
      'bin/spacelift-slack.cjs',
      'serve',
      '--listen',
      `127.0.0.1:${ports.relay}`,
      '--admin-listen',
      '127.0.0.1:0',
      '--upstream',
      `http://127.0.0.1:${ports.direct}`,
      '--store',
      `sqlite:${folder}/relay.db`,
    ]).pid,
  };
  await promisify(execFile)('taskset', ['-p', '-c', '1', String(process.pid)]);
  for (const target of targets) await ready(ports[target]);
  // The first turn warms up, and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const target of targets) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const turn = [];
      for (let count = 0; count < requestsARound; count++) {
        turn.push((await post(ports[target], command(), { agent })).milliseconds);
      }
      agent.destroy();
      if (round >= 0) latencies[target].push(turn);
      const run = await throughput(ports[target], pids[target]);
      if (round >= 0) rates[target].push(run);
    }
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

/** The median of the turns, so that what else the machine does in one of them does not count. */
const at = (target, share) =>
  percentile(
    latencies[target].map((turn) => percentile(turn, share)),
    0.5,
  );
const rate = (target, measure) =>
  percentile(
    rates[target].map((run) => run[measure]),
    0.5,
  );
console.log(
  `${rounds} turns of ${requestsARound} requests over one connection, and of 1 s over 32; Node ${process.version}\n`,
);
console.log(
  '| way | p50 | p99 | added p50 | added p99 | requests/s | of nginx | per CPU second | of nginx |',
);
console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const target of targets) {
  const added = (share) =>
    target === 'direct' ? '' : `${(at(target, share) - at('direct', share)).toFixed(2)} ms`;
  const ofNginx = (measure) => (rate(target, measure) / rate('nginx', measure)).toFixed(2);
  const cells = [
    target,
    `${at(target, 0.5).toFixed(2)} ms`,
    `${at(target, 0.99).toFixed(2)} ms`,
    added(0.5),
    added(0.99),
    Math.round(rate(target, 'rate')),
    ofNginx('rate'),
    Math.round(rate(target, 'perCpuSecond')),
    ofNginx('perCpuSecond'),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
