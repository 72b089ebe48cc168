// How long a whole run of `doctor` takes on a healthy deployment, beside its slowest single check and beside the sum
// of them all, as if they ran one after the other. The deployments: an endpoint that responds after a while, as over
// the internet, and @slack/bolt's, which keeps an unknown form waiting for three seconds.
// The ratio is (whole process - its start) / slowest check.
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { createHmac, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as x509 from '@peculiar/x509';
import bolt from '@slack/bolt';
import { median } from './pairs.js';
import { spread } from './spread.js';
import { figure, table } from './table.js';

const launcher = fileURLToPath(new URL('../bin/spacelift-slack.cjs', import.meta.url));
const host = 'spacelift.example.com';
const secret = 'bench-signing-secret-of-no-app-at-all';

/** @param {{ turns?: number }} [options] */
export async function measureDoctor({ turns = 5 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
  const certificate = await makeCertificate();
  await writeFile(join(folder, 'root.pem'), certificate.cert);
  await writeFile(
    join(folder, '.env'),
    `SLACK_APP_CLIENT_ID=1234567890.1234567890123\nSLACK_APP_CLIENT_SECRET=${'c0ffee00'.repeat(4)}\nSLACK_SECRET=${secret}\n`,
    { mode: 0o600 },
  );
  const deployments = {
    'responds at once': await listen(endpoint(0), certificate),
    'responds after 150 ms': await listen(endpoint(150), certificate),
    "is Bolt's HTTPReceiver": await startBolt(certificate),
  };
  try {
    const rows = [];
    for (const [name, server] of Object.entries(deployments)) {
      const runs = [];
      for (let turn = 0; turn < turns; turn += 1) runs.push(await measureRun(server.address().port, folder));
      const of = (measure) => runs.map((run) => run[measure]);
      rows.push({
        name,
        whole: spread(of('whole')),
        start: median(of('start')),
        slowest: median(of('slowest')),
        sum: median(of('sum')),
        ratio: median(runs.map(({ whole, start, slowest }) => (whole - start) / slowest)),
      });
    }
    return { turns, rows };
  } finally {
    for (const server of Object.values(deployments)) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The result as a table in Markdown. */
export function formatDoctor({ rows }) {
  return table(
    [
      'the endpoint',
      'whole run',
      'of it start',
      'slowest check',
      'all checks one by one',
      'run without start, of the slowest check',
    ],
    rows.map(({ name, whole, start, slowest, sum, ratio }) => [
      name,
      `${figure(whole.median)} (${figure(whole.low)}–${figure(whole.high)}) ms`,
      ...[start, slowest, sum].map((time) => `${figure(time)} ms`),
      ratio.toFixed(2),
    ]),
  );
}

async function measureRun(port, folder) {
  const start = await doctor(port, ['--offline'], folder);
  const whole = await doctor(port, [], folder);
  const durations = whole.checks.map(({ durationMs }) => durationMs);
  return {
    whole: whole.time,
    start: start.time,
    slowest: Math.max(...durations),
    sum: durations.reduce((total, each) => total + each, 0),
  };
}

async function startBolt({ key, cert }) {
  const silence = { ...console, setLevel() {}, getLevel: () => 'error', setName() {} };
  for (const level of ['debug', 'info', 'warn', 'error']) silence[level] = () => {};
  const receiver = new bolt.HTTPReceiver({
    signingSecret: secret,
    endpoints: '/webhooks/slack',
    customRoutes: [
      { path: '/slack_oauth', method: 'GET', handler: (_, response) => response.writeHead(400).end() },
    ],
    logger: silence,
  });
  new bolt.App({ receiver, authorize: async () => ({}), logger: silence });
  return receiver.start(0, { key, cert });
}

/** The report, and how long the whole process took. */
function doctor(port, more, folder) {
  return new Promise((resolve, reject) => {
    const args = ['doctor', '--domain', host, '--ca', 'root.pem', '--skip', 'slack', '--format', 'json'];
    const route = ['--connect-to', `${host}:443:127.0.0.1:${port}`, '--quiet'];
    const startedAt = process.hrtime.bigint();
    const child = spawn(process.execPath, [launcher, ...args, ...route, ...more], { cwd: folder });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => {
      const time = Number(process.hrtime.bigint() - startedAt) / 1e6;
      if (code === 0) resolve({ ...JSON.parse(output), time });
      else reject(new Error(`doctor ended with ${code}: ${output}`));
    });
  });
}

/** An endpoint that verifies, with Slack's documented few lines, and responds after a while. */
function endpoint(delay) {
  return async (request, response) => {
    const body = await buffer(request);
    await setTimeout(delay);
    if (request.method === 'GET') return response.writeHead(400).end();
    const timestamp = request.headers['x-slack-request-timestamp'];
    const mac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
    const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;
    if (!fresh || request.headers['x-slack-signature'] !== `v0=${mac}`) return response.writeHead(401).end();
    const json = request.headers['content-type'] === 'application/json';
    return response.writeHead(200).end(json ? JSON.parse(body.toString()).challenge : '');
  };
}

function listen(handler, certificate) {
  const server = createServer(certificate, handler);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/** A certificate that is its own root. */
async function makeCertificate() {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 90 * 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  });
  const body = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  };
}
