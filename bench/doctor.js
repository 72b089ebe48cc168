// How long a whole run of `doctor` takes on a healthy deployment, beside its slowest single check and beside the sum
// of them all, as if they ran one after the other. The deployments: an endpoint that responds after a while, as over
// the internet, and @slack/bolt's, which keeps an unknown form waiting for three seconds.
// The ratio is (whole process - its start) / slowest check. Run with: npm run bench:doctor [-- runs]
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { createHmac, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as x509 from '@peculiar/x509';
import bolt from '@slack/bolt';

const launcher = fileURLToPath(new URL('../bin/spacelift-slack.cjs', import.meta.url));
const runs = Number(process.argv[2] ?? 9);
const host = 'spacelift.example.com';
const secret = 'bench-signing-secret-of-no-app-at-all';
const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-bench-'));
const { key, cert } = await makeCertificate();
await writeFile(join(folder, 'root.pem'), cert);
await writeFile(
  join(folder, '.env'),
  `SLACK_APP_CLIENT_ID=1234567890.1234567890123\nSLACK_APP_CLIENT_SECRET=${'c0ffee00'.repeat(4)}\nSLACK_SECRET=${secret}\n`,
  { mode: 0o600 },
);

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
const deployments = {
  'an endpoint at once': await listen(endpoint(0)),
  'an endpoint after 150 ms': await listen(endpoint(150)),
  "bolt's HTTPReceiver": (await receiver.start(0, { key, cert })).address().port,
};

try {
  console.log(`Node ${process.version}, ${cpus().length} cores, median of ${runs} runs each; times in ms`);
  console.log(
    `${''.padEnd(26)}${['whole process', 'of it start', 'slowest check', 'all checks', 'ratio'].map((name) => name.padStart(15)).join('')}`,
  );
  for (const [name, port] of Object.entries(deployments)) {
    const seen = [];
    for (let run = 0; run < runs; run += 1) {
      const start = await doctor(port, ['--offline']);
      const whole = await doctor(port, []);
      const durations = whole.checks.map(({ durationMs }) => durationMs);
      const slowest = Math.max(...durations);
      const sum = durations.reduce((total, each) => total + each, 0);
      seen.push([whole.time, start.time, slowest, sum, (whole.time - start.time) / slowest]);
    }
    const medians = seen[0].map((_, column) => median(seen.map((row) => row[column])));
    const ratio = medians.pop();
    console.log(
      `${name.padEnd(26)}${medians.map((value) => value.toFixed(0).padStart(15)).join('')}${ratio.toFixed(2).padStart(15)}`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
  process.exit();
}

/** The report, and how long the whole process took. */
function doctor(port, more) {
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

function listen(handler) {
  const server = createServer({ key, cert }, handler);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
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

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
}
