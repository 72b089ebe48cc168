import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sign } from '../../src/slack/signature.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { randomNumbers } from '../support/random.ts';
import {
  commandForm,
  eventBody,
  formType,
  signingSecret,
  startTestServer,
  type TestServer,
} from '../support/serve.ts';
import { timed } from '../support/stopwatch.ts';

// Random changes of valid requests, sent over persistent connections. The seed makes a run repeatable.
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123);
/** `npm run fuzz` sends 100,000. */
const count = Number(process.env['FUZZ_COUNT'] ?? 10_000);
const lanes = 16;

const odd = [
  'null',
  '[]',
  '{}',
  '""',
  '-1e999',
  '"\\ud800"',
  '{"a":',
  '[[[[',
  '\\u0000',
  '%00',
  '%',
  '%ff',
  '=',
  '&',
  '&&',
  '+',
  'payload=',
  'command=',
  'ssl_check=1',
  '__proto__',
  'constructor',
  'toString',
  '"type":"url_verification"',
  '"type":"event_callback"',
  '"event":',
  '"app_uninstalled"',
  '"tokens_revoked"',
  '"authorizations":[',
  'true',
  '\r\n',
  '\ufeff',
  '𝕏',
  '\u202e',
  '<!channel>',
  "';drop table events;--",
  '$(7*7)',
  '9'.repeat(400),
  'A'.repeat(2_000),
].map((text) => Buffer.from(text));

const seeds = [
  eventBody('Ev1'),
  eventBody(
    'Ev2',
    { type: 'app_uninstalled' },
    { authorizations: [{ enterprise_id: 'E1', team_id: 'T1', is_enterprise_install: true }] },
  ),
  eventBody('Ev3', { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: ['U2'] } }),
  '{"type":"url_verification","challenge":"abc"}',
  '{"type":"app_rate_limited","team_id":"T1"}',
  commandForm(),
  commandForm({ text: 'list' }),
  `payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U1' }, team: { id: 'T1' }, actions: [{ action_id: 'a' }] }))}`,
  'ssl_check=1&token=x',
  '',
].map((text) => Buffer.from(text));

const types = [
  'application/json',
  formType,
  `${formType}; charset=utf-8`,
  'APPLICATION/JSON;x',
  'text/plain',
  '',
  ';',
  'application/json, text/html',
];

interface Made {
  readonly body: Buffer;
  readonly headers: Record<string, string | string[]>;
  readonly path: string;
}

function make(random: () => number): Made {
  const pick = <Value>(list: readonly Value[]): Value => {
    const value = list[Math.floor(random() * list.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  let body = Buffer.from(pick(seeds));
  for (let changes = Math.floor(random() * 4); changes > 0; changes--) {
    const at = Math.floor(random() * (body.length + 1));
    const kind = random();
    if (kind < 0.3) body = Buffer.concat([body.subarray(0, at), pick(odd), body.subarray(at)]);
    else if (kind < 0.5)
      body = Buffer.concat([body.subarray(0, at), body.subarray(at + Math.floor(random() * 20))]);
    else if (kind < 0.7) body = Buffer.concat([body.subarray(0, at), pick(seeds).subarray(0, 200)]);
    else if (at < body.length) body[at] = Math.floor(random() * 256);
  }
  const verified = random() < 0.5;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers: Record<string, string | string[]> = {
    'Content-Type': random() < 0.9 ? pick(types.slice(0, 3)) : pick(types),
    'X-Slack-Request-Timestamp': timestamp,
    'X-Slack-Signature': sign(signingSecret, timestamp, body),
  };
  if (!verified) {
    const wrong = [
      '',
      'v0=',
      `v0=${'0'.repeat(64)}`,
      `v0=${'g'.repeat(64)}`,
      'v1=x',
      `${headers['X-Slack-Signature']}0`,
      '0',
      `0${timestamp}`,
      `-${timestamp}`,
      '1e9',
      '9'.repeat(100),
      'NaN',
      '\u00e9',
      'v0=\u00ff',
      `${timestamp}.0`,
    ];
    const name = pick(['X-Slack-Signature', 'X-Slack-Request-Timestamp']);
    headers[name] = random() < 0.2 ? [String(headers[name]), pick(wrong)] : pick(wrong);
  }
  if (random() < 0.1) headers['X-Slack-Retry-Num'] = pick(['1', '', '-1', 'x'.repeat(500), '\u00e9']);
  if (random() < 0.05) headers[`X-${Math.floor(random() * 1e6)}`] = pick(['', 'x', 'y'.repeat(1_000)]);
  const path =
    random() < 0.97
      ? '/webhooks/slack'
      : pick(['/', '/webhooks/slack/', '/webhooks/slack?%zz', '/%', '/slack_oauth?state=%ff']);
  return { body, headers, path };
}

let server: TestServer;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  // In memory if possible: this does not test how fast the disk flushes.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'spacelift-slack-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  server = await startTestServer({ store }, (end) => ends.push(end));
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

it(`survives ${count} random requests (seed ${seed})`, { timeout: 600_000 }, async () => {
  const random = randomNumbers(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const statuses = new Map<number, number>();
  const surprises: string[] = [];
  let left = count;

  const send = ({ body, headers, path }: Made) =>
    new Promise<number>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path, method: 'POST', agent };
      const sent = request(
        { ...options, headers: { ...headers, 'Content-Length': body.length } },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const made = make(random);
      const { value: status, milliseconds } = await timed(() => send(made));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (![200, 400, 401, 404, 415].includes(status) || milliseconds > 1_000) {
        surprises.push(
          `${status} after ${milliseconds} ms: ${JSON.stringify(made.headers)} ${made.body.toString('latin1')}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();

  expect(surprises).toEqual([]);
  // The run has reached every kind of response.
  for (const status of [200, 400, 401, 404, 415]) expect(statuses.get(status)).toBeGreaterThan(count / 1000);
  expect((await server.log()).filter((line) => line['kind'] === 'bug')).toEqual([]);
});
