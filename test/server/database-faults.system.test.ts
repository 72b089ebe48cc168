import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres/postgres.ts';
import { faultyLink } from '../support/faulty-link.ts';
import { need } from '../support/need.ts';
import { type PostgresDatabase, postgresDatabase } from '../support/postgres.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import {
  commandForm,
  eventBody,
  formType,
  post,
  startTestServer,
  type TestServer,
} from '../support/serve.ts';
import { timed } from '../support/stopwatch.ts';

/** Slack waits 3 s. A response leaves after 2.5 s at the latest. */
const inTime = 2_900;
/** How many events are sent at once: more than the pool has connections. */
const crowd = 15;

/** A server on PostgreSQL, with direct access to its database. */
interface Scene extends TestServer {
  readonly database: PostgresDatabase;
  /** The server's application_name in PostgreSQL. */
  readonly name: string;
}

async function start(
  change: (url: URL) => void = () => undefined,
  shared?: PostgresDatabase,
): Promise<Scene> {
  const database = shared ?? (await postgresDatabase());
  const name = randomUUID();
  const url = new URL(database.url);
  url.searchParams.set('application_name', name);
  change(url);
  const store = await openPostgresStore({
    url: url.href,
    encryptionKey: undefined,
    keepsTokens: false,
    cwd: '/',
  });
  return { ...(await startTestServer({ store })), database, name };
}

/** A server that reaches its PostgreSQL over a link that can break. */
async function startOnLink() {
  const database = await postgresDatabase();
  const link = await faultyLink(Number(new URL(database.url).port) || 5432);
  const server = await start((url) => {
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
  }, database);
  return { link, server };
}

let events = 0;
async function sendEvent({ url }: TestServer): Promise<number> {
  return (await post(url, eventBody(`Ev${events++}`))).status;
}

async function sendCommand({ url }: TestServer): Promise<string> {
  return (await post(url, commandForm(), { type: formType })).text();
}

async function isReady({ adminUrl }: TestServer): Promise<number> {
  return (await fetch(`${adminUrl}/readyz`)).status;
}

/** Sends many events, a command and a probe at once, and expects a response to each in time. */
async function expectFailuresInTime(server: TestServer): Promise<void> {
  const { value, milliseconds } = await timed(() =>
    Promise.all([
      Promise.all(Array.from({ length: crowd }, () => sendEvent(server))),
      sendCommand(server),
      isReady(server),
    ]),
  );
  expect(value).toEqual([Array(crowd).fill(503), expect.stringContaining('stand-in'), 503]);
  expect(milliseconds).toBeLessThan(inTime);
}

async function expectRecovery(server: TestServer): Promise<void> {
  await expect.poll(() => sendEvent(server)).toBe(200);
  expect(await isReady(server)).toBe(200);
  const statuses = await Promise.all(Array.from({ length: crowd }, () => sendEvent(server)));
  expect(statuses).toEqual(Array(crowd).fill(200));
}

/** Ends the server's connections. */
function terminate({ database, name }: Scene): Promise<readonly unknown[]> {
  return database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${name}'`,
  );
}

function waitsForLock({ database, name }: Scene): Promise<readonly unknown[]> {
  return database.query(
    `select pid from pg_stat_activity where application_name = '${name}' and wait_event_type = 'Lock'`,
  );
}

describe('a server', () => {
  it('opens new connections when its idle ones are ended', async () => {
    const server = await start();
    expect(await sendEvent(server)).toBe(200);
    expect(await terminate(server)).not.toEqual([]);
    await expectRecovery(server);
  });

  it('responds with 503 when its connection is ended during a query', async () => {
    const server = await start();
    const other = await server.database.connect();
    await other.query('begin; lock table events');
    const event = sendEvent(server);
    await expect.poll(() => waitsForLock(server)).not.toEqual([]);
    await terminate(server);
    expect(await event).toBe(503);
    await other.end();
    await expectRecovery(server);
  });

  it('responds with 503 while PostgreSQL refuses connections', async () => {
    const { link, server } = await startOnLink();
    link.cut();
    await expectFailuresInTime(server);
    await expectFailuresInTime(server);
    link.restore();
    await expectRecovery(server);
  });

  it('responds with 503 while PostgreSQL does not respond', async () => {
    const { link, server } = await startOnLink();
    await expectRecovery(server);
    link.freeze();
    await expectFailuresInTime(server);
    await expectFailuresInTime(server);
    link.restore();
    await expectRecovery(server);
  });

  it('stops in time while PostgreSQL does not respond', async () => {
    const { link, server } = await startOnLink();
    await expectRecovery(server);
    link.freeze();
    const { milliseconds } = await timed(() => server.stop());
    expect(milliseconds).toBeLessThan(inTime);
  });

  it('responds with 503 while a statement hangs and others wait behind it', async () => {
    const server = await start((url) => url.searchParams.set('pool_max_conns', '2'));
    const other = await server.database.connect();
    await other.query('begin; lock table events');
    await expectFailuresInTime(server);
    await expectFailuresInTime(server);
    await other.query('rollback');
    await other.end();
    await expectRecovery(server);
  });

  it('is not blocked by a replica that hangs in the middle of a transaction', async () => {
    const { link, server: stuck } = await startOnLink();
    const server = await start(undefined, stuck.database);
    // The stuck replica gets the turn to store events, waits for the table, and loses its connection.
    const other = await server.database.connect();
    await other.query('begin; lock table events');
    const lost = sendEvent(stuck);
    await expect.poll(() => waitsForLock(stuck)).not.toEqual([]);
    link.freeze();
    await other.end();
    const { milliseconds } = await timed(() => expect.poll(() => sendEvent(server)).toBe(200));
    expect(milliseconds).toBeLessThan(inTime);
    expect(await lost).toBe(503);
  });

  it('recovers when PostgreSQL is restarted after a crash', async () => {
    await need('PostgreSQL server programs');
    const postgres = await startPostgresServer(onTestFinished);
    const server = await start(undefined, await postgresDatabase(postgres.url));
    await expectRecovery(server);
    await postgres.stop();
    await expectFailuresInTime(server);
    await postgres.start();
    await expectRecovery(server);
  });

  it('is not ready while PostgreSQL is read-only, as a standby is', async () => {
    await need('PostgreSQL server programs');
    const postgres = await startPostgresServer(onTestFinished);
    const server = await start(undefined, await postgresDatabase(postgres.url));
    const admin = await server.database.connect();
    const setReadOnly = async (value: 'on' | 'off') => {
      await admin.query(`alter system set default_transaction_read_only = ${value}`);
      await admin.query('select pg_reload_conf()');
    };
    await setReadOnly('on');
    await expect.poll(() => sendEvent(server)).toBe(503);
    expect(await isReady(server)).toBe(503);
    await setReadOnly('off');
    await expectRecovery(server);
  });
});
