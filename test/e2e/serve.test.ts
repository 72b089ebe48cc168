import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../support/program.ts';
import { commandForm, eventBody, formType, post, signingSecret } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { timed } from '../support/stopwatch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = async (args: readonly string[], env: Record<string, string> = {}) =>
  runProgram(['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', ...args], {
    cwd: await temporaryFolder(),
    env,
  });

it.each<[string, string[], Record<string, string>, number, RegExp]>([
  ['no signing secret', [], {}, 2, /SLACK_SECRET, the signing secret, is not set\nhint: /],
  ['an empty one', [], { SLACK_SECRET: '' }, 2, /SLACK_SECRET, the signing secret, is not set/],
  ['one under another name', [], { SLACK_SIGNING_SECRET: 'x' }, 2, /hint: SLACK_SIGNING_SECRET is set/],
  ['a token in its place', [], { SLACK_SECRET: 'xoxb-1-2-abc' }, 2, /SLACK_SECRET looks like a bot/],
  ['quotes around it', [], { SLACK_SECRET: '"abc"' }, 2, /SLACK_SECRET has quotes that became/],
  ['a placeholder', [], { SLACK_SECRET: '<signing secret here>' }, 2, /SLACK_SECRET still contains/],
  [
    'one secret twice',
    [],
    { SLACK_SECRET: signingSecret, SLACK_APP_CLIENT_SECRET: signingSecret },
    2,
    /SLACK_APP_CLIENT_SECRET and SLACK_SECRET have the same value/,
  ],
  [
    'an address of another machine',
    ['--listen', '192.0.2.1:0'],
    { SLACK_SECRET: signingSecret },
    3,
    /no such address/,
  ],
  ['a bad address', ['--listen', 'nowhere'], { SLACK_SECRET: signingSecret }, 2, /--listen has no port/],
  [
    'a bad port',
    ['--admin-listen', '127.0.0.1:70000'],
    { SLACK_SECRET: signingSecret },
    2,
    /--admin-listen has a port that is not a number up to 65535/,
  ],
  [
    'a time without its unit',
    ['--upstream', 'http://127.0.0.1:9', '--retain', '24'],
    { SLACK_SECRET: signingSecret },
    2,
    /'24' is invalid\nhint: .*with its unit/,
  ],
  [
    'a bad domain',
    ['--domain', 'https://a.example.com/path'],
    { SLACK_SECRET: signingSecret },
    2,
    /contains a path/,
  ],
  ['a bad store', ['--store', 'mysql://x'], { SLACK_SECRET: signingSecret }, 2, /store/],
  [
    'a store where none can be',
    ['--store', 'sqlite:/dev/null/serve.db'],
    { SLACK_SECRET: signingSecret },
    3,
    /cannot use the store/,
  ],
  [
    'a bad key',
    ['--store', 'sqlite:s.db'],
    { SLACK_SECRET: signingSecret, SPACELIFT_SLACK_ENCRYPTION_KEY: 'short' },
    2,
    /not a key of 32 bytes/,
  ],
  [
    'a bad Slack',
    ['--slack-api-url', 'http://example.com'],
    { SLACK_SECRET: signingSecret },
    2,
    /--slack-api-url/,
  ],
  ['a hint without a domain', ['--print-manifest-hint'], { SLACK_SECRET: signingSecret }, 2, /--domain/],
  ['an unknown option', ['--listne', 'x'], { SLACK_SECRET: signingSecret }, 2, /--listen/],
])('does not start with %s', async (_name, args, env, code, message) => {
  const outcome = await run(args, env);
  expect([outcome.code, outcome.stdout]).toEqual([code, '']);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr).not.toContain('    at ');
});

it('refuses --retain where nothing is kept for an upstream', async () => {
  const outcome = await run(['--retain', '1h', '--store', 'sqlite:s.db'], { SLACK_SECRET: signingSecret });
  expect([outcome.code, outcome.stderr]).toEqual([
    2,
    expect.stringContaining('--upstream is required with --retain'),
  ]);
});

it('says that a port is taken, and leaves with 3', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const taken = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  // A relay has more that has to end before the program can.
  const relay = ['--upstream', 'http://127.0.0.1:9'];
  const takes = ['--listen', '--admin-listen'].flatMap((option) => [
    [option, taken],
    [option, taken, ...relay],
  ]);
  for (const args of takes) {
    const outcome = await run([...args, '--store', 'sqlite:s.db'], { SLACK_SECRET: signingSecret });
    expect([outcome.code, outcome.stderr]).toEqual([
      3,
      expect.stringContaining(`cannot listen on ${taken}: the address is in use`),
    ]);
  }
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('finishes and leaves at %s with %d', async (signal, code) => {
  const folder = await temporaryFolder();
  const serve = await startServe(['--store', `sqlite:${join(folder, 's.db')}`, '--log-format', 'json']);
  const acknowledged = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(serve.url, eventBody(`Ev${index}`))),
  );
  expect(acknowledged.every(({ status }) => status === 200)).toBe(true);
  const { value, milliseconds } = await timed(() => serve.end(signal));
  expect(value).toEqual({ code, signal: null });
  // Nothing is in flight, for which it would wait 10 s.
  expect(milliseconds).toBeLessThan(8_000);
  expect(serve.output()).toContain('"msg":"stopped"');
});

it('keeps its state where the user does, and takes the variables from an env file', async () => {
  const home = await temporaryFolder();
  const envFile = join(home, 'slack.env');
  await writeFile(envFile, `SLACK_SECRET=5ec2e7${signingSecret}\nSLACK_SECRET_PREVIOUS=${signingSecret}\n`);
  const serve = await startServe(['--env-file', envFile], { HOME: home, SLACK_SECRET: '' });
  expect((await post(serve.url, '{"type":"x"}', { secret: `5ec2e7${signingSecret}` })).status).toBe(200);
  expect((await post(serve.url, '{"type":"x"}')).status).toBe(200);
  const file = join(home, '.local/state/spacelift-slack/serve.db');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readFile(`${file}.key`, 'utf8')).trim()).toHaveLength(44);
});

it('says which URLs belong into the manifest, and where to install', async () => {
  const folder = await temporaryFolder();
  const serve = await startServe(
    [
      '--print-manifest-hint',
      '--domain',
      'spacelift.example.com',
      '--webhook-domain',
      'slack.example.com',
      '--store',
      `sqlite:${join(folder, 's.db')}`,
    ],
    { SLACK_APP_CLIENT_ID: '1.2', SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00' },
  );
  await expect.poll(serve.output).toContain('https://spacelift.example.com/slack_oauth/install');
  expect(serve.output()).toContain('https://slack.example.com/webhooks/slack');
  expect(serve.output()).toMatch(/https:\/\/spacelift\.example\.com\/slack_oauth"/);
});

it('says that OAuth is off without its credentials', async () => {
  const folder = await temporaryFolder();
  const serve = await startServe(['--store', `sqlite:${join(folder, 's.db')}`], {
    SLACK_APP_CLIENT_ID: '1.2',
  });
  await expect.poll(serve.output).toContain('OAuth is off');
  expect((await fetch(`${serve.url}/slack_oauth/install`)).status).toBe(404);
  expect((await fetch(`${serve.url}/slack_oauth?code=x`)).status).toBe(404);
});

it('logs one line for each request: who, what, the outcome, and why one was rejected', async () => {
  const folder = await temporaryFolder();
  const store = `sqlite:${join(folder, 's.db')}`;
  const serve = await startServe(['--log-format', 'pretty', '--store', store]);
  await post(serve.url, commandForm(), { type: formType });
  await post(serve.url, commandForm({ command: '/x\u001b[31m' }), { type: formType });
  await post(serve.url, '{}', { at: Math.floor(Date.now() / 1000) - 4_000 });
  await expect.poll(serve.output).toContain('timestamp-stale');
  const lines = serve.output().split('\n');
  const command = lines.find((line) => line.includes('/spacelift '));
  expect(command).toMatch(/^\d\d:\d\d:\d\d {2}command +T1\/U1 +\/spacelift +200 responded {2}[\d.]+ ms$/);
  expect(serve.output()).not.toContain('\u001b');
  expect(lines.find((line) => line.includes('stale'))).toMatch(
    /401 rejected .*reason=timestamp-stale {2}skewSeconds=-400\d {2}client=127\.0\.0\.1 {2}requestId=[0-9a-f-]{36}$/,
  );
});

it('writes nothing but JSON off a terminal', async () => {
  const folder = await temporaryFolder();
  const serve = await startServe(['--store', `sqlite:${join(folder, 's.db')}`]);
  await post(serve.url, commandForm(), { type: formType });
  await serve.end('SIGTERM');
  const lines = serve
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => line.msg)).toEqual(expect.arrayContaining(['listening', 'request', 'stopped']));
  expect(lines.find((line) => line.msg === 'request')).toMatchObject({
    level: 'info',
    kind: 'command',
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    status: 200,
    ms: expect.any(Number),
  });
});
