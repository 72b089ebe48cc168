import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { event } from '../store/store-suite.ts';
import { createScene, host, type Scene } from '../support/examination.ts';
import { runInProcess } from '../support/in-process.ts';
import { launcher } from '../support/program.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { closedPort, httpsServer } from '../support/tls-server.ts';
import { openTerminal } from '../support/tmux.ts';

/**
 * What a person sees, at the width of a usual terminal and of half a laptop screen. The files in screens/ are for
 * reading; after a change, `npx vitest run test/e2e/screens.test.ts --update` writes them.
 */

interface Shown {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The report names the machine: here each has one name. */
const sameHost = `data:text/javascript,${encodeURIComponent('import os from"node:os";os.hostname=()=>"build-7"')}`;

/** The rows of the screen, with those that the terminal itself has broken in one piece. */
async function rowsOf({ args, cwd, env }: Shown, columns: number): Promise<readonly string[]> {
  const line = [`'${process.execPath}'`, `--import '${sameHost}'`, `'${launcher}'`, ...args].join(' ');
  const terminal = await openTerminal(`${line}; echo "ended with $?"`, {
    cwd,
    size: [columns, 50],
    ...(env && { env }),
  });
  await terminal.waitFor('ended with');
  return (await terminal.unbroken()).replaceAll(/(?<=127\.0\.0\.1:)\d+/g, 'PORT').split('\n');
}

/** What stays whole although it is wider than the screen: a URL or path alone, a command, a line of a file. */
const staysWhole = /^ *(?:(?:[-+~] )?\S+|(?:\$ |[A-Z_]+=\S+ )*spacelift-slack .*|\d* \| .*)$/;

const none = async () => ({ cwd: await temporaryFolder() });

/** A deployment behind a port of this machine. */
async function doctorAt(port: number, { cwd, slack }: Scene): Promise<Shown> {
  const route = ['--connect-to', `${host}:443:127.0.0.1:${port}`, '--slack-api-url', slack.url];
  // On a busy machine a response may be late.
  return {
    cwd,
    args: ['doctor', '--domain', host, '--ca', 'root.pem', '--skip', 'webhook.latency', ...route],
  };
}

async function healthyDoctor(): Promise<Shown> {
  const scene = await createScene(onTestFinished);
  const certificate = await scene.authority.issue({ names: [host] });
  return doctorAt(await httpsServer(certificate, slackEndpoint(scene)), scene);
}

async function manifests(): Promise<string> {
  const cwd = await temporaryFolder();
  const { stdout } = await runInProcess(['manifest', '--domain', host], { cwd });
  await writeFile(join(cwd, 'manifest.json'), stdout);
  await writeFile(
    join(cwd, 'wrong.json'),
    stdout
      .replace('https://spacelift.example.com/slack_oauth', 'http://localhost/slack_oauth')
      .replace('"commands"', '"comands"'),
  );
  return cwd;
}

async function keptEvents(): Promise<string> {
  const cwd = await temporaryFolder();
  const store = await openSqliteStore(join(cwd, 'serve.db'), undefined);
  for (const id of ['Ev0001', 'Ev0002']) {
    await store.recordEvent(event(id, { delivery: { 'content-type': 'application/json' } }));
  }
  const [claim] = await store.deliveries.claim(1, 60_000);
  const failure = 'HTTP 400 from https://spacelift.internal.example/webhooks/slack';
  if (claim) await store.deliveries.settle(claim, { kind: 'set-aside', failure }, 60_000);
  await store.close();
  const database = new Libsql(join(cwd, 'serve.db'));
  database.exec(`update events set received_at = ${Date.UTC(2026, 10, 23, 9, 30)}`);
  database.close();
  return cwd;
}

const secrets = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee01',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};

const screens: readonly (readonly [string, () => Promise<Shown>])[] = [
  ['first-screen', async () => ({ ...(await none()), args: [] })],
  ['help', async () => ({ ...(await none()), args: ['--help'] })],
  ['doctor-help', async () => ({ ...(await none()), args: ['doctor', '--help'] })],
  ['doctor-failed', async () => doctorAt(await closedPort(), await createScene(onTestFinished))],
  ['doctor-passed', healthyDoctor],
  [
    'manifest-validate',
    async () => ({ cwd: await manifests(), args: ['manifest', 'validate', 'wrong.json'] }),
  ],
  [
    'manifest-diff',
    async () => ({
      cwd: await manifests(),
      args: ['manifest', 'diff', 'manifest.json', '--domain', 'other.example.com'],
    }),
  ],
  ['explain', async () => ({ ...(await none()), args: ['explain', 'webhook.reachable'] })],
  [
    'env-write',
    async () => ({
      ...(await none()),
      args: ['env', '--write'],
      env: { ...secrets, SPACELIFT_DOMAIN: host },
    }),
  ],
  [
    'events-list',
    async () => ({
      cwd: await keptEvents(),
      args: ['serve', 'events', 'list', '--store', 'sqlite:serve.db'],
    }),
  ],
];

it.each(screens)('%s fits 80 and 40 columns, broken between words', async (name, show) => {
  const widths = [80, 40];
  const captured = await Promise.all(widths.map(async (columns) => rowsOf(await show(), columns)));
  for (const [index, columns] of widths.entries()) {
    const rows = captured[index] ?? [];
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot(`screens/${name}.${columns}.txt`);
    expect(rows.filter((row) => row.length > columns && !staysWhole.test(row))).toEqual([]);
  }
});
