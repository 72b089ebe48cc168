import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandPayload, eventPayload } from '../server/socket-mode/payloads.ts';
import { createAuthority } from '../support/certificate-authority.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { type LocalSlack, type LocalSlackOptions, localSlack } from '../support/local-slack.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { runProgram } from '../support/program.ts';
import { signingSecret } from '../support/serve.ts';
import { type ServeProcess, startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUpstream } from '../support/upstream.ts';

async function slackWithApp(options: LocalSlackOptions = {}) {
  const slack = await localSlack(options);
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
  const env = {
    SLACK_SECRET: signingSecret,
    SLACK_APP_TOKEN: slack.workspace.addAppToken(app),
    SLACK_APP_ID: app.id,
    SLACK_API_URL: slack.url,
  };
  return { slack, env };
}

async function sqliteStore(): Promise<string> {
  return `sqlite:${join(await temporaryFolder(), 'serve.db')}`;
}

async function isReady({ adminUrl }: ServeProcess): Promise<boolean> {
  return (await fetch(`${adminUrl}/readyz`)).status === 200;
}

function expectNoSecrets(slack: LocalSlack, serve: ServeProcess): void {
  for (const secret of [...slack.workspace.secrets, 'response-url-secret', 'trigger-secret', signingSecret]) {
    expect(serve.output()).not.toContain(secret);
  }
}

describe('serve --socket-mode', () => {
  it.each(['json', 'pretty'])('shows the whole way in the log, and no secret (%s)', async (format) => {
    const { slack, env } = await slackWithApp();
    const upstream = await startUpstream((response) => response.end('Hello'));
    const args = ['--socket-mode', '--upstream', upstream.url, '--store', await sqliteStore()];
    const serve = await startServe([...args, '--verbose', '--log-format', format], env);
    await expect.poll(() => isReady(serve), { timeout: 10_000 }).toBe(true);
    const { socketMode } = slack.workspace;
    expect(await socketMode.deliver({ kind: 'command', payload: commandPayload })).toMatchObject({
      payload: { text: 'Hello' },
    });
    expect(await socketMode.deliver({ kind: 'event', payload: eventPayload })).toMatchObject({
      kind: 'acknowledged',
    });
    await upstream.hasReceived(2);
    slack.next('apps.connections.open', { refuse: 'invalid_auth' });
    socketMode.connections[0]?.cut();
    await expect.poll(() => serve.output()).toContain('invalid_auth');
    expect(serve.output()).toMatch(/\/spacelift .*forwarded|"what":"\/spacelift".*"outcome":"forwarded"/);
    expectNoSecrets(slack, serve);
    expect(await serve.end('SIGTERM')).toMatchObject({ code: 143 });
    expectNoSecrets(slack, serve);
    expect(socketMode.connections).toHaveLength(0);
  });

  it('reads the token from the env file, as every other secret', async () => {
    const { slack, env } = await slackWithApp();
    const folder = await temporaryFolder();
    const { SLACK_APP_TOKEN, SLACK_API_URL } = env;
    await writeFile(join(folder, 'relay.env'), `SLACK_APP_TOKEN=${SLACK_APP_TOKEN}\n`, { mode: 0o600 });
    const args = ['--socket-mode', '--env-file', join(folder, 'relay.env'), '--store', await sqliteStore()];
    const serve = await startServe(args, { SLACK_API_URL });
    await expect.poll(() => isReady(serve), { timeout: 10_000 }).toBe(true);
    expectNoSecrets(slack, serve);
  });

  it('reaches Slack through the proxy with TLS, but not the hosts in NO_PROXY', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({ names: ['slack.test', '*.slack.test'] });
    const { slack, env } = await slackWithApp({ identity });
    const proxy = await startConnectProxy();
    const roots = join(await temporaryFolder(), 'roots.pem');
    await writeFile(roots, authority.root);
    const proxied = { ...env, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: roots };
    const serve = await startServe(['--socket-mode', '--store', await sqliteStore()], proxied);
    await expect.poll(() => isReady(serve), { timeout: 10_000 }).toBe(true);
    expect(new Set(proxy.tunnels)).toEqual(
      new Set([`slack.test:${slack.port}`, `wss.slack.test:${slack.port}`]),
    );
    expect(
      await slack.workspace.socketMode.deliver({ kind: 'command', payload: commandPayload }),
    ).toMatchObject({
      kind: 'acknowledged',
    });
    await serve.end('SIGTERM');

    // Without the proxy these names lead nowhere, so this one cannot connect.
    const before = proxy.tunnels.length;
    const direct = await startServe(['--socket-mode', '--store', await sqliteStore()], {
      ...proxied,
      NO_PROXY: 'wss.slack.test',
    });
    await expect.poll(() => direct.output(), { timeout: 10_000 }).toContain('wss-primary.slack.com');
    expect(direct.output()).toMatch(/the name does not resolve|DNS lookup failed/);
    expect(new Set(proxy.tunnels.slice(before))).toEqual(new Set([`slack.test:${slack.port}`]));
  });

  it('does not accept a certificate that is not trusted', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({ names: ['slack.test', '*.slack.test'] });
    const { env } = await slackWithApp({ identity });
    const proxy = await startConnectProxy();
    const serve = await startServe(['--socket-mode', '--store', await sqliteStore()], {
      ...env,
      HTTPS_PROXY: proxy.url,
    });
    await expect.poll(() => serve.output(), { timeout: 10_000 }).toContain('not trusted');
    expect(await isReady(serve)).toBe(false);
  });
});

describe('replicas of serve --socket-mode on one PostgreSQL', () => {
  it('have connections of their own, and store an event once', async () => {
    const { slack, env } = await slackWithApp();
    const { url, query } = await postgresDatabase();
    const args = ['--socket-mode', '--connections', '1'];
    const replicas = await Promise.all([0, 1].map(() => startServe(args, { ...env, DATABASE_URL: url })));
    const { socketMode } = slack.workspace;
    await socketMode.hasConnections(2);
    const [one, other] = socketMode.connections;
    const both = await Promise.all(
      [one, other].map((connection) => connection?.deliver({ kind: 'event', payload: eventPayload })),
    );
    expect(both).toMatchObject([{ kind: 'acknowledged' }, { kind: 'acknowledged' }]);
    expect(await query('select 1 from events')).toHaveLength(1);
    const outcomes = () =>
      replicas.flatMap((replica) => replica.output().match(/(?<="outcome":")[\w-]+/g) ?? []).sort();
    await expect.poll(outcomes).toEqual(['duplicate', 'stored']);
  });

  it('do not start where they would exceed the ten connections that Slack allows', async () => {
    const { env } = await slackWithApp();
    const { url } = await postgresDatabase();
    const database = { ...env, DATABASE_URL: url };
    const first = await startServe(['--socket-mode', '--connections', '7'], database);
    const args = ['serve', '--socket-mode', '--admin-listen', '127.0.0.1:0', '--connections', '4'];
    const refused = await runProgram(args, { env: database });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('4 more connections would exceed the 10 that Slack allows an app');
    expect(refused.stderr).toContain('other replicas hold 7');
    expect(refused.stderr).toContain('--connections 3');
    // One that ends makes room at once.
    expect(await first.end('SIGTERM')).toMatchObject({ code: 143 });
    await startServe(
      args.slice(1).filter((arg) => !arg.startsWith('127') && arg !== '--admin-listen'),
      database,
    );
  });
});
