import { execFile, spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Libsql from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { randomNumbers } from '../support/random.ts';
import { eventBody, post } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const seed = Number(process.env['CHAOS_SEED'] ?? 1);

function eventIds(file: string): string[] {
  const database = new Libsql(file);
  try {
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    return database
      .prepare('select event_id from events')
      .raw()
      .all()
      .flatMap((row) => (Array.isArray(row) ? [String(row[0])] : []));
  } finally {
    database.close();
  }
}

it(`keeps every acknowledged event, once, through twenty kills under load (seed ${seed})`, {
  timeout: 180_000,
}, async () => {
  const file = join(await temporaryFolder(), 'serve.db');
  const acknowledged: string[] = [];
  const unanswered: string[] = [];
  const random = randomNumbers(seed);
  let sent = 0;
  for (let kill = 0; kill < 20; kill++) {
    const enough = acknowledged.length + 1 + Math.floor(random() * 60);
    const serve = await startServe(['--store', `sqlite:${file}`]);
    const sender = async () => {
      while (acknowledged.length < enough) {
        // What was cut off is sent again, as Slack would, and now and then what was acknowledged.
        const again =
          unanswered.pop() ??
          (sent % 10 === 0 ? acknowledged[Math.floor(random() * acknowledged.length)] : undefined);
        const id = again ?? `Ev${sent}`;
        sent += 1;
        const response = await post(serve.url, eventBody(id)).catch(() => undefined);
        if (response?.status === 200) acknowledged.push(id);
        else unanswered.push(id);
        await response?.text().catch(() => undefined);
      }
    };
    const senders = Array.from({ length: 16 }, sender);
    // The others are still waiting for their responses.
    await Promise.race(senders);
    await serve.end('SIGKILL');
    await Promise.all(senders);
  }
  const stored = eventIds(file);
  expect(new Set(stored).size).toBe(stored.length);
  const missing = acknowledged.filter((id) => !stored.includes(id));
  expect(missing).toEqual([]);
});

/** What keeps the store from writing, and what lets it write again. */
interface Obstacle {
  readonly file: string;
  block(pid: number): Promise<unknown>;
  unblock(pid: number): Promise<unknown>;
}

/** No byte can be added to any file, as on a full disk or a read-only one. */
async function noWriting(): Promise<Obstacle> {
  await need('prlimit');
  const limit = (pid: number, bytes: string) =>
    run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    file: join(await temporaryFolder(), 'serve.db'),
    block: (pid) => limit(pid, '0'),
    unblock: (pid) => limit(pid, 'unlimited'),
  };
}

/** Another process has the file to itself. */
async function locked(): Promise<Obstacle> {
  const file = join(await temporaryFolder(), 'serve.db');
  let other: Libsql.Database | undefined;
  return {
    file,
    block: async () => {
      other = new Libsql(file);
      // The program may be writing at this very moment.
      other.exec('pragma busy_timeout = 10000');
      other.exec('begin exclusive');
    },
    unblock: async () => {
      other?.exec('rollback');
      other?.close();
    },
  };
}

/** A small file system of its own, filled to the last byte. */
async function fullDisk(): Promise<Obstacle> {
  await need('mount');
  const folder = await temporaryFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
  const ballast = join(folder, 'ballast');
  return {
    file: join(folder, 'serve.db'),
    block: () => writeFile(ballast, Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined),
    unblock: () => rm(ballast),
  };
}

it.for([
  ['no file can grow', noWriting],
  ['another process holds the file', locked],
  ['the disk is full', fullDisk],
] as const)('refuses events with 503 while %s, and takes them when they come again', async ([, set]) => {
  const obstacle = await set();
  const serve = await startServe(['--store', `sqlite:${obstacle.file}`]);
  const padding = { type: 'app_mention', text: 'x'.repeat(20_000) };
  const send = async (id: string) => (await post(serve.url, eventBody(id, padding))).status;
  expect(await send('EvBefore')).toBe(200);
  await obstacle.block(serve.pid);
  const refused = Array.from({ length: 40 }, (_, index) => `EvRefused${index}`);
  const statuses = await Promise.all(refused.map(send));
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(await send('EvBefore').then((status) => [200, 503].includes(status))).toBe(true);
  await obstacle.unblock(serve.pid);
  expect(new Set(await Promise.all(refused.map(send)))).toEqual(new Set([200]));
  expect((await fetch(`${serve.adminUrl}/readyz`)).status).toBe(200);
  expect(await serve.end('SIGTERM')).toEqual({ code: 143, signal: null });
  expect(eventIds(obstacle.file).sort()).toEqual(['EvBefore', ...refused].sort());
});
