import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import { createAuthority } from '../../support/certificate-authority.ts';
import { faultyLink } from '../../support/faulty-link.ts';
import { need } from '../../support/need.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { closedPort } from '../../support/tls-server.ts';
import { event } from '../store-suite.ts';

const key = Buffer.alloc(32, 7).toString('base64');

function open(url: string, more: { encryptionKey?: undefined; keepsTokens?: boolean } = {}) {
  return openPostgresStore({ url, encryptionKey: key, keepsTokens: true, cwd: '/', ...more });
}

/** A server that requires passwords, and has a certificate for `localhost` of a private authority. */
let server: PostgresServer;
let authority: string;
/** The client certificate that the role `certified` uses instead of a password. */
let clientFiles: string;
const ends: (() => Promise<void>)[] = [];
let starting: Promise<void> | undefined;

beforeEach(async () => {
  await need('PostgreSQL server programs');
  starting ??= start();
  await starting;
});

async function start(): Promise<void> {
  const { issue, root } = await createAuthority();
  const { key: serverKey, fullChain } = await issue({ names: ['localhost'] });
  const hosts = [
    'host all postgres 127.0.0.1/32 trust',
    'hostssl all slack all scram-sha-256',
    'hostnossl all slack 127.0.0.1/32 scram-sha-256',
    'host all crowded all trust',
    'hostssl all certified all cert',
  ];
  const onEnd = (end: () => Promise<void>) => void ends.push(end);
  server = await startPostgresServer(
    onEnd,
    ['ssl=on', 'ssl_cert_file=s.crt', 'ssl_key_file=s.key', 'ssl_ca_file=ca.crt'],
    {
      's.crt': fullChain,
      's.key': serverKey,
      'ca.crt': root,
      'pg_hba.conf': hosts.join('\n'),
    },
  );
  const folder = await temporaryFolder(onEnd);
  authority = join(folder, 'root.crt');
  await writeFile(authority, root);
  const client = await issue({ names: ['certified'], holder: 'client' });
  await writeFile(join(folder, 'client.crt'), client.fullChain);
  await writeFile(join(folder, 'client.key'), client.key);
  clientFiles = `sslcert=${join(folder, 'client.crt')}&sslkey=${join(folder, 'client.key')}`;
  const { query } = await postgresDatabase(server.url, onEnd);
  await query("create role slack login password 'p@ss/word'");
  await query('create schema slack authorization slack; create role certified login');
  await query('create schema certified authorization certified');
}

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

function as(user: string, host: string, parameters: string): string {
  return `postgres://${user}@${host}:${server.port}/postgres?${parameters}`;
}

const slack = 'slack:p%40ss%2Fword';

describe('TLS to PostgreSQL', () => {
  it.each([
    [
      'checks the authority and the name',
      'localhost',
      (ca: string) => `sslmode=verify-full&sslrootcert=${ca}`,
    ],
    ['is checked in full when an authority is named', 'localhost', (ca: string) => `sslrootcert=${ca}`],
    [
      'is checked in full when it is required',
      'localhost',
      (ca: string) => `sslmode=require&sslrootcert=${ca}`,
    ],
    ['checks the authority alone', '127.0.0.1', (ca: string) => `sslmode=verify-ca&sslrootcert=${ca}`],
    ['checks nothing where told so', '127.0.0.1', () => 'sslmode=no-verify'],
  ])('%s', async (_name, host, parameters) => {
    const application = randomUUID();
    const store = await open(as(slack, host, `${parameters(authority)}&application_name=${application}`));
    const { query } = await postgresDatabase(server.url);
    const encrypted = await query(
      `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = '${application}'`,
    );
    expect(encrypted).toEqual([{ ssl: true }]);
    await store.close();
  });

  it.each([
    ['an unknown authority', 'localhost', () => 'sslmode=verify-full', /certificate/],
    // This address leads to this machine, and is not a loopback address.
    [
      'an unknown authority of another host, if the URL says nothing of TLS',
      '0.0.0.0',
      () => '',
      /certificate/,
    ],
    ['it even where TLS is merely required', 'localhost', () => 'sslmode=require', /certificate/],
    [
      'a name that is not in the certificate',
      '127.0.0.1',
      (ca: string) => `sslrootcert=${ca}`,
      /for another host name/,
    ],
    ['an unknown authority, whatever the name', '127.0.0.1', () => 'sslmode=verify-ca', /certificate/],
  ])('rejects %s', async (_name, host, parameters, message) => {
    await expect(open(as(slack, host, parameters(authority)))).rejects.toMatchObject({
      code: 'store-unusable',
      exitCode: 3,
      message: expect.stringMatching(message),
      hint: expect.stringContaining('sslrootcert='),
    });
  });

  it('is left out for another host only if the URL says so, with a warning', async () => {
    const store = await open(as(slack, '0.0.0.0', 'sslmode=disable'));
    expect(store.warning).toBe('sslmode=disable: the connection to PostgreSQL is not encrypted');
    await store.close();
  });

  it('uses a client certificate if the server requires one', async () => {
    const url = as('certified', 'localhost', `sslrootcert=${authority}`);
    await (await open(`${url}&${clientFiles}`)).close();
    await expect(open(url)).rejects.toMatchObject({ message: expect.stringMatching(/certificate/) });
  });

  it('fails if the server has none', async () => {
    const { url } = await postgresDatabase();
    await expect(open(`${url}&sslmode=require`)).rejects.toMatchObject({
      message: expect.stringContaining('does not support SSL'),
      hint: expect.stringContaining('sslmode'),
    });
  });
});

describe('a PostgreSQL', () => {
  const nowhere = 'postgres://slack:hunter2@127.0.0.1';
  it.each([
    ['that is not there', async () => `${nowhere}:${await closedPort()}/d`, /connection refused/, /runs/],
    ['whose name leads nowhere', () => 'postgres://slack:hunter2@db.invalid/d', /db\.invalid/, /runs/],
    ['that refuses the password', () => as('slack:hunter2', '127.0.0.1', ''), /password/, /password/],
    ['that is told no password', () => as('slack', '127.0.0.1', ''), /password must be/, /PGPASSWORD/],
    [
      'that takes no writes',
      () => `${server.url}?options=-cdefault_transaction_read_only%3Don`,
      /read-only/,
      /primary/,
    ],
    ['without the database', () => `${server.url}-2`, /"postgres-2" does not exist/, /createdb/],
    [
      'without the schema',
      () => `${server.url}?options=-csearch_path%3Dnone`,
      /search_path/,
      /create schema/,
    ],
    [
      'where the user may make no tables',
      () => as(slack, '127.0.0.1', 'options=-csearch_path%3Dpublic'),
      /permission denied/,
      /right to create/,
    ],
  ])('%s is an error that says what to do', async (_name, url, message, hint) => {
    const error = await open(await url()).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({
      code: 'store-unusable',
      exitCode: 3,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/hunter2|p@ss/);
  });

  it('without a free connection is an error that says what to do', async () => {
    const { query } = await postgresDatabase(server.url);
    await query('create role crowded login connection limit 0');
    await expect(open(as('crowded', '127.0.0.1', ''))).rejects.toMatchObject({
      message: expect.stringContaining('too many connections'),
      hint: expect.stringContaining('pool_max_conns'),
    });
  });

  it('with tables of another program is an error', async () => {
    const { url, query } = await postgresDatabase();
    await query('create table events (id int)');
    await expect(open(url)).rejects.toMatchObject({ hint: expect.stringContaining('its own database') });
    expect(await query('select * from events')).toEqual([]);
  });

  it('of an older version is migrated, and keeps its data', async () => {
    const { url, query } = await postgresDatabase();
    const older = await open(url);
    await older.recordEvent(event('Ev1'));
    await older.close();
    // Back to the tables of the first migration.
    const first = ['events', 'installations', 'oauth_states', 'settings'];
    const tables = await query('select tablename from pg_tables where schemaname = current_schema()');
    const later = tables
      .map(({ tablename }) => String(tablename))
      .filter((name) => !first.includes(name) && !name.startsWith('kysely'));
    await query(`drop table ${later.join(', ')}`);
    await query('create table subscriptions (stack text)');
    await query("delete from kysely_migration where name > '0002'");
    const store = await open(url);
    expect(await query("select to_regclass('subscriptions') as gone")).toEqual([{ gone: null }]);
    expect(await store.recordEvent(event('Ev1'))).toBe('known');
    expect(await store.deliveries.lengths()).toMatchObject({ waiting: 0 });
    await store.close();
  });

  it('of this version needs no right to create tables', async () => {
    const { query } = await postgresDatabase(server.url);
    const url = as(slack, '127.0.0.1', 'options=-csearch_path%3Dslack');
    await (await open(url)).close();
    await query('revoke create on schema slack from slack; alter schema slack owner to postgres');
    await query('grant usage on schema slack to slack');
    await (await open(url)).close();
    await query('alter schema slack owner to slack');
  });

  it('opens with TLS and a password if a round trip takes 200 ms', async () => {
    const link = await faultyLink(server.port);
    link.setRoundTrip(200);
    const url = new URL(as(slack, 'localhost', `sslrootcert=${authority}&options=-csearch_path%3Dslack`));
    url.port = String(link.port);
    const store = await open(url.href);
    expect(await store.recordEvent(event('EvFar'))).toBe('stored');
    await store.close();
  });

  it('is migrated by one replica at a time, under a lock that no other role can hold', async () => {
    const { url, query, connect } = await postgresDatabase();
    await (await open(url)).close();
    const other = await connect();
    await other.query('begin; lock table kysely_migration in row exclusive mode');
    const opening = open(url);
    const waiting = "select pid from pg_locks where relation = 'kysely_migration'::regclass and not granted";
    await expect.poll(() => query(waiting)).toHaveLength(1);
    const advisory = `select 1 from pg_locks where locktype = 'advisory' and pid in (${waiting})`;
    expect(await query(advisory)).toEqual([]);
    await other.query('commit');
    await (await opening).close();
  });

  it('of a newer version is an error', async () => {
    const { url, query } = await postgresDatabase();
    await (await open(url)).close();
    await query("insert into kysely_migration values ('9999-from-the-future', '2030-01-01')");
    await expect(open(url)).rejects.toMatchObject({ code: 'store-newer', exitCode: 3 });
  });
});

describe('the key of a store in PostgreSQL', () => {
  const missing = {
    code: 'encryption-key-missing',
    exitCode: 2,
    message: expect.stringContaining('ENCRYPTION_KEY'),
  };

  it('is required if there are tokens', async () => {
    const { url, query } = await postgresDatabase();
    await expect(open(url, { encryptionKey: undefined })).rejects.toMatchObject(missing);
    expect(await query('select 1 from pg_tables where schemaname = current_schema()')).toEqual([]);
  });

  it('is optional if there are no tokens', async () => {
    const { url } = await postgresDatabase();
    const store = await open(url, { encryptionKey: undefined, keepsTokens: false });
    expect(await store.recordEvent(event('Ev1'))).toBe('stored');
    await store.close();
  });

  it('can be set later, once no unencrypted event waits', async () => {
    const { url, query } = await postgresDatabase();
    const store = await open(url, { encryptionKey: undefined, keepsTokens: false });
    await store.recordEvent(event('Ev1', { delivery: {} }));
    await store.close();
    await expect(open(url)).rejects.toMatchObject({ code: 'encryption-key-late', exitCode: 2 });
    await query('delete from deliveries');
    await (await open(url)).close();
  });

  it('is required if values were encrypted before', async () => {
    const { url } = await postgresDatabase();
    await (await open(url)).close();
    await expect(open(url, { encryptionKey: undefined, keepsTokens: false })).rejects.toMatchObject(missing);
  });
});
