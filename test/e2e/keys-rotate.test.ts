import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres/postgres.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { event, installation } from '../store/store-suite.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { launcher, runProgram } from '../support/program.ts';
import { eventBody, post, signingSecret } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const oldKey = Buffer.alloc(32, 7).toString('base64');
const newKey = Buffer.alloc(32, 8).toString('base64');
const bothKeys = {
  SPACELIFT_SLACK_ENCRYPTION_KEY: newKey,
  SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS: oldKey,
};

it('continues after SIGKILL, beside a replica that keeps running', async () => {
  const database = await postgresDatabase();
  const { url } = database;
  const store = await openPostgresStore({ url, encryptionKey: oldKey, keepsTokens: true, cwd: '/' });
  onTestFinished(() => store.close());
  await Promise.all(Array.from({ length: 300 }, (_, count) => store.recordEvent(event(`Ev${count}`))));
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', DATABASE_URL: url, ...bothKeys };
  const replica = await startServe([], { DATABASE_URL: url, ...bothKeys });
  expect(replica.output()).toContain('still encrypted with the previous key');

  // The rotation cannot pass the row that this transaction holds.
  const other = await database.connect();
  await other.query('begin');
  const { rows } = await other.query("select seq from events where event_id = 'Ev200' for update");
  const before = await database.query('select md5(sealed_body) as hash from events');
  const hashes = new Set(before.map(({ hash }) => hash));
  const rotation = spawn(process.execPath, [launcher, 'serve', 'keys', 'rotate'], { env, stdio: 'ignore' });
  const ended = once(rotation, 'close');
  await expect
    .poll(async () => {
      const now = await database.query('select md5(sealed_body) as hash from events');
      return now.filter(({ hash }) => !hashes.has(hash)).length;
    })
    .toBeGreaterThan(0);
  rotation.kill('SIGKILL');
  await ended;
  await other.query('rollback');
  expect(rows).toHaveLength(1);
  expect((await post(replica.url, eventBody('Between'))).status).toBe(200);

  const { code, stdout, stderr } = await runProgram(['serve', 'keys', 'rotate', '--format', 'json'], { env });
  expect([code, stderr]).toEqual([0, '']);
  const counts = JSON.parse(stdout);
  expect([counts.reencrypted + counts.current, counts.unreadable]).toEqual([301, 0]);
  expect([counts.reencrypted > 0, counts.current > 50]).toEqual([true, true]);
  expect((await post(replica.url, eventBody('After'))).status).toBe(200);

  const onlyNew = await startServe([], { DATABASE_URL: url, SPACELIFT_SLACK_ENCRYPTION_KEY: newKey });
  expect(onlyNew.output()).not.toContain('previous key');
  const again = await runProgram(['serve', 'keys', 'rotate'], { env });
  expect(again.stdout).toBe('0 values encrypted with the new key, 302 were before\n');
});

it('says how far it came when the database fails', async () => {
  const database = await postgresDatabase();
  const { url } = database;
  const store = await openPostgresStore({ url, encryptionKey: oldKey, keepsTokens: true, cwd: '/' });
  await Promise.all(Array.from({ length: 120 }, (_, count) => store.recordEvent(event(`Ev${count}`))));
  await store.close();
  await database.query(`create function fail() returns trigger language plpgsql as
    $$ begin if new.event_id = 'Ev119' then raise 'disk full'; end if; return new; end $$`);
  await database.query('create trigger fail before update on events for each row execute function fail()');
  const env = { DATABASE_URL: url, ...bothKeys };
  const first = await runProgram(['serve', 'keys', 'rotate'], { env });
  expect([first.code, first.stdout]).toEqual([3, '']);
  expect(first.stderr).toMatch(
    /error: the store failed after (?:50|100) values were encrypted with the new key: disk full\nhint: Keep the previous key/,
  );
  await database.query('drop trigger fail on events');
  const { code, stdout } = await runProgram(['serve', 'keys', 'rotate', '--format', 'json'], { env });
  expect(code).toBe(0);
  const { reencrypted, current } = JSON.parse(stdout);
  expect([reencrypted + current, current % 50, current > 0]).toEqual([120, 0, true]);
});

it('replaces a key file', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'serve.db');
  const store = await openSqliteStore(file, undefined);
  await store.installations.save(installation('T1'));
  await store.close();
  await rename(`${file}.key`, `${file}.key.previous`);
  await writeFile(`${file}.key`, newKey, { mode: 0o600 });
  const serve = await startServe(['--store', `sqlite:${file}`]);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, SLACK_SECRET: signingSecret };
  const { code, stdout, stderr } = await runProgram(
    ['serve', 'keys', 'rotate', '--store', `sqlite:${file}`],
    { env },
  );
  expect([code, stdout]).toEqual([0, '1 value encrypted with the new key\n']);
  expect(stderr).toContain('Remove the previous key');
  expect((await post(serve.url, eventBody('Ev1'))).status).toBe(200);
  await serve.end('SIGTERM');

  await rm(`${file}.key.previous`);
  const after = await openSqliteStore(file, undefined);
  expect((await after.installations.find('T1'))?.tokens).toEqual({ bot: 'xoxb-T1' });
  await after.close();
  expect((await stat(`${file}.key`)).mode & 0o777).toBe(0o600);
});

it('says what is missing without a previous key', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'serve.db');
  await (await openSqliteStore(file, undefined)).close();
  const { code, stderr } = await runProgram(['serve', 'keys', 'rotate', '--store', `sqlite:${file}`]);
  expect(code).toBe(2);
  expect(stderr).toContain('there is no previous key to replace');
  expect(stderr).toContain('SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS');
});
