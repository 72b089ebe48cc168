// What an envelope costs the process that handles it, in CPU time: beside a signed HTTP request to the same program, and
// beside @slack/bolt's SocketModeReceiver with an empty handler. Linux only: it reads /proc.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { comparePairs, median } from '../pairs.js';
import { cpuSeconds } from '../serve/server-process.js';
import { spread } from '../spread.js';
import { figure, ratioCell, spreadCell, table } from '../table.js';

/** The payloads of a turn. */
const count = 3_000;
const atOnce = 16;
const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const token = 'xapp-1-A0123456789-1234567890123-0123456789abcdef';
const launcher = fileURLToPath(new URL('../../bin/spacelift-slack.cjs', import.meta.url));
const boltServer = fileURLToPath(new URL('bolt.js', import.meta.url));

const payload = {
  token: 'verification-token',
  team_id: 'T1',
  team_domain: 'bench',
  channel_id: 'C1',
  channel_name: 'general',
  user_id: 'U1',
  user_name: 'roadrunner',
  command: '/spacelift',
  text: 'help me with runs & stacks, 100 %',
  api_app_id: 'A0123456789',
  is_enterprise_install: 'false',
  response_url: 'https://hooks.slack.com/commands/T1/1/secret',
  trigger_id: '1.2.secret',
};

/** A Slack that does nothing but give URLs and send envelopes. */
async function startSlack() {
  const connections = [];
  const pending = new Map();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((incoming, response) => {
    incoming.resume();
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link/?ticket=${randomUUID()}` }));
  });
  server.on('upgrade', (incoming, socket, head) => {
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
      webSocket.on('message', (data) => {
        const { envelope_id: id } = JSON.parse(String(data));
        pending.get(id)?.();
        pending.delete(id);
      });
      webSocket.send(JSON.stringify({ type: 'hello', num_connections: connections.length + 1 }));
      connections.push(webSocket);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    async connected() {
      while (connections.length === 0) await setTimeout(10);
    },
    send(number) {
      const id = randomUUID();
      const envelope = { envelope_id: id, type: 'slash_commands', payload, accepts_response_payload: true };
      return new Promise((resolve) => {
        pending.set(id, () => resolve(undefined));
        connections[number % connections.length].send(JSON.stringify(envelope));
      });
    },
    close() {
      for (const connection of connections) connection.terminate();
      server.close();
    },
  };
}

async function load(send, times) {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < times) await send(next++);
    }),
  );
}

/**
 * Measures each process in turns, one after the other, so that whatever else the machine does falls on all alike.
 *
 * @param {{ turns?: number }} [options]
 * @returns CPU times are microseconds for one payload
 */
export async function compareSocketMode({ turns = 9 } = {}) {
  const peers = {
    'signed HTTP request': await http(),
    'Socket Mode': await socketMode(),
    Bolt: await bolt(),
  };
  const names = Object.keys(peers);
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  try {
    // The first turn warms up, and does not count.
    for (let turn = -1; turn < turns; turn += 1) {
      for (const name of names) {
        const run = await measure(peers[name]);
        if (turn >= 0) runs[name].push(run);
      }
    }
  } finally {
    for (const { child, close } of Object.values(peers)) {
      child.kill('SIGKILL');
      close();
    }
  }
  const of = (name, measured) => runs[name].map((run) => run[measured]);
  return {
    turns,
    rows: names.map((name) => ({
      name,
      cpu: spread(of(name, 'cpu')),
      perSecond: median(of(name, 'perSecond')),
      ofBolt: comparePairs(of(name, 'cpu'), of('Bolt', 'cpu')),
    })),
  };
}

/** The result as a table in Markdown. */
export function formatSocketMode({ rows }) {
  return table(
    ['a slash command by', 'CPU time', 'of Bolt', 'a second'],
    rows.map(({ name, cpu, perSecond, ofBolt }) => [
      titles[name],
      `${spreadCell(cpu)} µs`,
      ratioCell(ofBolt),
      figure(perSecond),
    ]),
  );
}

const titles = {
  'signed HTTP request': '`serve`, signed HTTP request',
  'Socket Mode': '`serve --socket-mode`',
  Bolt: "Bolt's SocketModeReceiver",
};

async function measure({ child, send }) {
  const before = await cpuSeconds(child.pid);
  const startedAt = performance.now();
  await load(send, count);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { cpu: (((await cpuSeconds(child.pid)) - before) * 1e6) / count, perSecond: count / seconds };
}

function start(args, env = {}) {
  return spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], SLACK_SECRET: signingSecret, SLACK_APP_TOKEN: token, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function serveArgs(...more) {
  const store = `sqlite:${join(tmpdir(), `bench-${randomUUID()}.db`)}`;
  return [
    launcher,
    'serve',
    '--log-format',
    'json',
    '--admin-listen',
    '127.0.0.1:0',
    '--store',
    store,
    ...more,
  ];
}

async function socketMode() {
  const slack = await startSlack();
  const child = start(serveArgs('--socket-mode', '--connections', '1'), { SLACK_API_URL: slack.url });
  child.stderr.resume();
  await slack.connected();
  return { child, send: slack.send, close: slack.close };
}

async function http() {
  const child = start(serveArgs('--listen', '127.0.0.1:0'));
  const port = await new Promise((resolve) => {
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      text = (text + chunk).slice(-2_000);
      const found = /"public":"127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
      if (found) resolve(found);
    });
  });
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const body = String(new URLSearchParams(payload));
  const send = () =>
    new Promise((resolve, reject) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
      const headers = {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': Buffer.byteLength(body),
        'X-Slack-Request-Timestamp': timestamp,
        'X-Slack-Signature': `v0=${mac}`,
      };
      const outgoing = request(
        { port, agent, method: 'POST', path: '/webhooks/slack', headers },
        (response) => {
          response.resume().on('end', () => resolve(undefined));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { child, send, close: () => agent.destroy() };
}

async function bolt() {
  const slack = await startSlack();
  const child = start([boltServer, slack.url]);
  child.stderr.resume();
  await slack.connected();
  return { child, send: slack.send, close: slack.close };
}
