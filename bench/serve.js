// Requests a second of `serve`, of @slack/bolt's HTTPReceiver and of a bare node:http server that only verifies, in
// one run: each server alone on core 0, wrk on core 1. Needs Linux, two cores, taskset and wrk (apt-get install wrk).
// Run with: npm run bench:serve [-- turns]
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { benchSecret } from './serve/shared.js';

const rounds = Number(process.argv[2] ?? 9);
const seconds = 1;
const eventsPerSecond = 30_000;
const root = new URL('..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));

const program = ['bin/spacelift-slack.cjs', 'serve', '--admin-listen', '127.0.0.1:0'];
const servers = {
  'bare node:http': { args: () => ['bench/serve/bare.js'] },
  serve: {
    args: (port) => [...program, '--listen', `127.0.0.1:${port}`, '--store', `sqlite:${folder}/loud.db`],
  },
  'serve --quiet': {
    args: (port) => [
      ...program,
      '--quiet',
      '--listen',
      `127.0.0.1:${port}`,
      '--store',
      `sqlite:${folder}/quiet.db`,
    ],
  },
  'bolt HTTPReceiver': { args: () => ['bench/serve/bolt.js'] },
};

const form = new URLSearchParams({
  token: 'verification-token',
  team_id: 'T0123456789',
  team_domain: 'example',
  channel_id: 'C0123456789',
  channel_name: 'ops',
  user_id: 'U0123456789',
  user_name: 'somebody',
  command: '/spacelift',
  text: 'help',
  api_app_id: 'A0123456789',
  response_url: 'https://hooks.slack.com/commands/T0123456789/1234567890/abcdefghijklmnopqrstuvwx',
  trigger_id: '1234567890.1234567890.abcdefghijklmnopqrstuvwxyzabcdef',
}).toString();

const event = (id) =>
  JSON.stringify({
    token: 'verification-token',
    team_id: 'T0123456789',
    api_app_id: 'A0123456789',
    event: {
      type: 'app_mention',
      user: 'U0123456789',
      text: 'hello',
      ts: '1700000000.000100',
      channel: 'C0123456789',
    },
    type: 'event_callback',
    event_id: id,
    event_time: 1_700_000_000,
    authorizations: [{ enterprise_id: null, team_id: 'T0123456789', user_id: 'U1', is_bot: true }],
  });

function request(body, type, { forged = false } = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', forged ? 'wrong' : benchSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  return [
    'POST /webhooks/slack HTTP/1.1',
    'Host: spacelift.example.com',
    'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)',
    'Accept-Encoding: gzip,deflate',
    'Accept: application/json,*/*',
    `X-Slack-Signature: v0=${signature}`,
    `X-Slack-Request-Timestamp: ${timestamp}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Content-Type: ${type}`,
    '',
    body,
  ].join('\r\n');
}

const loads = {
  'slash command': () => [request(form, 'application/x-www-form-urlencoded')],
  'forged command': () => [request(form, 'application/x-www-form-urlencoded', { forged: true })],
  'event, each new': (name, round) =>
    Array.from({ length: eventsPerSecond * seconds }, (_, index) =>
      request(event(`Ev${name.length}${round}x${index}`), 'application/json'),
    ),
};

/** Starts a server on core 0 and waits for its first 200. */
async function start(name, port) {
  const began = performance.now();
  const child = spawn('taskset', ['-c', '0', process.execPath, ...servers[name].args(port)], {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, PORT: String(port), NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}/webhooks/slack`;
  for (;;) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', benchSecret).update(`v0:${timestamp}:${form}`).digest('hex');
    const response = await fetch(url, {
      method: 'POST',
      body: form,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'X-Slack-Request-Timestamp': timestamp,
        'X-Slack-Signature': `v0=${signature}`,
      },
    }).catch(() => undefined);
    if (response?.status === 200) break;
    if (child.exitCode !== null || performance.now() - began > 20_000)
      throw new Error(`${name} did not start`);
    await setTimeout(5);
  }
  return { child, startMs: performance.now() - began };
}

async function load(port, pid, requests) {
  const script = join(folder, 'load.lua');
  const data = join(folder, 'requests');
  await writeFile(data, requests.join('\0'));
  // wrk sends what request() returns as it is; one thread, so each request goes out once.
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
    '-c64',
    `-d${seconds}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}/`,
  ]);
  const used = (await cpuSeconds(pid)) - before;
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const total = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    rejected: failed / total,
    total,
    perCpuSecond: total / used,
  };
}

/** What a process has used of its core so far: unlike the clock, other work on the machine leaves it alone. */
async function cpuSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const names = Object.keys(servers);
const kinds = Object.keys(loads);
const children = [];
const results = {};
try {
  for (const [index, name] of names.entries()) {
    const port = 4300 + index;
    const starts = [];
    for (let round = 0; round < 3; round++) {
      const { child, startMs } = await start(name, port);
      children.push(child);
      starts.push(startMs);
      if (round < 2) child.kill('SIGKILL');
      results[name] = { port, pid: child.pid, start: median(starts), runs: {} };
    }
    for (const kind of kinds) await load(port, children.at(-1).pid, loads[kind](name, 'warm-up'));
  }
  // Short turns, one server after the other, so that whatever else the machine does falls on all alike.
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      for (const name of names) {
        const { port, pid, runs } = results[name];
        const run = await load(port, pid, loads[kind](name, round));
        // To the peers, which keep nothing, a repeated event is one like any other.
        const keeps = kind.startsWith('event') && name.startsWith('serve');
        if (keeps && run.total > eventsPerSecond * seconds) {
          throw new Error('the events ran out, and some came twice');
        }
        runs[kind] = [...(runs[kind] ?? []), run];
      }
    }
  }
  for (const name of names) results[name].memory = await memory(results[name].pid);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

/** The median of the ratios of turns that stood next to each other. */
function ratio(kind, name, peer, measure) {
  const of = (server) => results[server].runs[kind];
  return median(of(name).map((run, round) => run[measure] / of(peer)[round][measure])).toFixed(2);
}

console.log(`medians of ${rounds} turns of ${seconds} s, 64 connections, Node ${process.version}\n`);
console.log(
  '| load | server | requests/s | of bare | of Bolt | per CPU second | of bare | of Bolt | rejected |',
);
console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|');
for (const kind of kinds) {
  for (const name of names) {
    const the = (measure) => median(results[name].runs[kind].map((run) => run[measure]));
    const ratios = (measure) => [
      ratio(kind, name, 'bare node:http', measure),
      ratio(kind, name, 'bolt HTTPReceiver', measure),
    ];
    const rates = [Math.round(the('rate')), ...ratios('rate')];
    const efficiency = [Math.round(the('perCpuSecond')), ...ratios('perCpuSecond')];
    const cells = [kind, name, ...rates, ...efficiency, `${Math.round(the('rejected') * 100)} %`];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
console.log('\n| server | start to first 200 | memory after load |\n|---|---:|---:|');
for (const name of names) {
  console.log(`| ${name} | ${Math.round(results[name].start)} ms | ${results[name].memory} MB |`);
}
