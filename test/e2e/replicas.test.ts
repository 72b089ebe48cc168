import { describe, expect, it } from 'vitest';
import { faultyLink } from '../support/faulty-link.ts';
import { localSlack } from '../support/local-slack.ts';
import { type PostgresDatabase, postgresDatabase } from '../support/postgres.ts';
import { runProgram } from '../support/program.ts';
import { eventBody, post, signingSecret } from '../support/serve.ts';
import { type ServeProcess, startServe } from '../support/serve-process.ts';
import { timed } from '../support/stopwatch.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const noOAuth = { SLACK_SECRET: signingSecret };

function startReplicas(count: number, database: PostgresDatabase, more = {}): Promise<ServeProcess[]> {
  const env = { ...noOAuth, DATABASE_URL: database.url, ...more };
  return Promise.all(Array.from({ length: count }, () => startServe([], env)));
}

async function startWithOAuth() {
  const database = await postgresDatabase();
  const slack = await localSlack();
  const app = slack.workspace.addApp({ oauth_config: { scopes: { bot: ['chat:write'] } } });
  const replicas = await startReplicas(2, database, {
    SLACK_APP_CLIENT_ID: app.credentials.client_id,
    SLACK_APP_CLIENT_SECRET: app.credentials.client_secret,
    SPACELIFT_SLACK_ENCRYPTION_KEY: key,
    SLACK_API_URL: slack.url,
  });
  return { database, slack, app, replicas };
}

/** Begins an installation: the cookie and the state that the browser brings back. */
async function begin({ url }: ServeProcess): Promise<{ cookie: string; state: string }> {
  const response = await fetch(`${url}/slack_oauth/install`, { redirect: 'manual' });
  const cookie = /^[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
  const state = new URL(response.headers.get('location') ?? '').searchParams.get('state') ?? '';
  return { cookie, state };
}

function finish({ url }: ServeProcess, code: string, { cookie, state }: { cookie: string; state: string }) {
  return fetch(`${url}/slack_oauth?${new URLSearchParams({ code, state })}`, { headers: { cookie } });
}

describe('replicas on one PostgreSQL', () => {
  it('bring its tables up to date once when five start together', async () => {
    const database = await postgresDatabase();
    const replicas = await startReplicas(5, database, { SPACELIFT_SLACK_ENCRYPTION_KEY: key });
    const ready = await Promise.all(replicas.map(({ adminUrl }) => fetch(`${adminUrl}/readyz`)));
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { host, pathname } = new URL(database.url);
    expect(replicas[0]?.output()).toContain(`"store":"postgres://${host}${pathname}"`);
    const migrations = await database.query(
      'select name, count(*)::int as times from kysely_migration group by name',
    );
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.every(({ times }) => times === 1)).toBe(true);
    expect(await database.query('select 1 from settings')).toHaveLength(1);
  });

  it('store an event once that reaches both at once', async () => {
    const database = await postgresDatabase();
    const replicas = await startReplicas(2, database);
    const ids = Array.from({ length: 200 }, (_, index) => `Ev${index}`);
    // The second replica gets them in the opposite order, so that their commits overlap crosswise.
    const sent = await Promise.all(
      replicas.flatMap(({ url }, replica) =>
        (replica === 0 ? ids : ids.toReversed()).map((id) => post(url, eventBody(id))),
      ),
    );
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await database.query('select 1 from events')).toHaveLength(ids.length);
    const logged = (outcome: string) =>
      replicas.flatMap(({ output }) => output().match(new RegExp(`"outcome":"${outcome}"`, 'g')) ?? [])
        .length;
    // A request is logged after its response.
    await expect.poll(() => [logged('stored'), logged('duplicate')]).toEqual([ids.length, ids.length]);
  });

  it('finish an installation on the one that was begun on the other, once', async () => {
    const { database, slack, app, replicas } = await startWithOAuth();
    const [one, other] = replicas;
    if (!one || !other) throw new Error('two replicas were to start');
    const browser = await begin(one);
    const done = await finish(other, slack.workspace.grantCode(app), browser);
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Installed')]);
    const again = await finish(one, slack.workspace.grantCode(app), browser);
    expect([again.status, await again.text()]).toEqual([400, expect.stringContaining('link is not valid')]);

    const both = await begin(one);
    const raced = await Promise.all(
      [one, other, one, other].map((replica) => finish(replica, slack.workspace.grantCode(app), both)),
    );
    expect(raced.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    expect(await database.query('select 1 from installations')).toHaveLength(1);
  });

  it('end in time, whatever the network does', async () => {
    const database = await postgresDatabase();
    const link = await faultyLink(Number(new URL(database.url).port) || 5432);
    const url = new URL(database.url);
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
    const replica = await startServe([], { ...noOAuth, DATABASE_URL: url.href });
    expect((await post(replica.url, eventBody('Ev1'))).status).toBe(200);
    link.freeze();
    expect((await post(replica.url, eventBody('Ev2'))).status).toBe(503);
    const { value, milliseconds } = await timed(() => replica.end('SIGTERM'));
    expect(value).toMatchObject({ code: 143 });
    // Nothing is in flight, for which it would wait 10 s.
    expect(milliseconds).toBeLessThan(8_000);
  });
});

describe('serve with PostgreSQL', () => {
  const nowhere = 'postgres://slack:hunter2@127.0.0.1:1/wire';

  it.each([
    [
      'asks for the key that protects tokens',
      {
        DATABASE_URL: nowhere,
        SLACK_APP_CLIENT_ID: '1.2',
        SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
      },
      2,
      'SPACELIFT_SLACK_ENCRYPTION_KEY is not set',
    ],
    [
      'says that it cannot be reached',
      { DATABASE_URL: nowhere },
      3,
      'cannot use the store postgres://127.0.0.1:1/wire: connection refused',
    ],
    ['refuses a URL that it cannot read', { DATABASE_URL: 'postgres://slack:hunter2@' }, 2, 'cannot be read'],
    [
      'refuses another database',
      { DATABASE_URL: 'mysql://slack:hunter2@db/wire' },
      2,
      'neither sqlite:FILE nor postgres://',
    ],
  ])('%s', async (_name, env, code, message) => {
    const outcome = await runProgram(
      ['serve', '--verbose', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'],
      {
        env: { ...noOAuth, ...env },
      },
    );
    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(outcome.stderr).not.toContain('hunter2');
  });

  it.each([
    nowhere,
    'POSTGRESQL://slack:hunter2@127.0.0.1:1/wire',
    'postgres://slack:hunter2/odd@127.0.0.1:1/wire',
  ])('refuses a password that others can read, and does not repeat it: %s', async (store) => {
    for (const command of [['serve'], ['serve', 'events', 'list']]) {
      const outcome = await runProgram([...command, '--store', store], { env: noOAuth });
      expect(outcome).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Put the URL into DATABASE_URL'),
      });
      expect(outcome.stderr).not.toContain('hunter2');
    }
  });
});
