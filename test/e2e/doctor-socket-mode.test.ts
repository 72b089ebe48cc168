import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/doctor/report/report.ts';
import { createAuthority } from '../support/certificate-authority.ts';
import { localSlack } from '../support/local-slack.ts';
import { runProgram } from '../support/program.ts';
import { startRefusingProxy } from '../support/refusing-proxy.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { httpsServer } from '../support/tls-server.ts';

const host = 'spacelift.internal.example';

/** A private Spacelift with a certificate of a private authority, and an app that uses Socket Mode. */
async function createScene() {
  const authority = await createAuthority();
  const slack = await localSlack();
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
  const signingSecret = app.credentials.signing_secret;
  const identity = await authority.issue({ names: [host] });
  const port = await httpsServer(identity, slackEndpoint({ signingSecret }));
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'root.pem'), authority.root);
  const env: Record<string, string> = {
    SLACK_APP_CLIENT_ID: app.credentials.client_id,
    SLACK_APP_CLIENT_SECRET: app.credentials.client_secret,
    SLACK_SECRET: signingSecret,
    SLACK_APP_TOKEN: slack.workspace.addAppToken(app),
    SLACK_API_URL: slack.url,
  };
  const doctor = async (more: Readonly<Record<string, string>> = {}, args: readonly string[] = []) => {
    const all = ['doctor', '--domain', host, '--socket-mode', '--format', 'json', ...args];
    const upstream = ['--upstream', `https://127.0.0.1:${port}`, '--upstream-host', host, '--ca', 'root.pem'];
    const outcome = await runProgram([...all, ...upstream], { cwd, env: { ...env, ...more } });
    const report: Report = JSON.parse(outcome.stdout);
    return { ...outcome, report, check: (id: string) => report.checks.find((one) => one.id === id) };
  };
  return { slack, app, env, doctor };
}

describe('doctor --socket-mode', () => {
  it('proves the way from Slack to the private Spacelift in one run, and opens no WebSocket', async () => {
    const { slack, env, doctor } = await createScene();
    const { code, stdout, report, check } = await doctor({}, ['--skip', 'oauth.reachable,dns']);
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(code).toBe(0);
    for (const id of [
      'socket.token',
      'socket.enabled',
      'socket.reachable',
      'signature.challenge',
      'tls.trusted',
    ]) {
      expect(check(id)?.status).toBe('pass');
    }
    expect(slack.calls('apps.connections.open')).toHaveLength(1);
    expect(slack.workspace.socketMode.attemptsAt).toHaveLength(0);
    for (const secret of [...slack.workspace.secrets, env['SLACK_SECRET'] ?? '']) {
      expect(stdout).not.toContain(secret);
    }
  });

  it('does not judge whether the address is public', async () => {
    const { doctor } = await createScene();
    const { check } = await doctor({}, ['--only', 'domain']);
    expect(check('dns.public')).toMatchObject({
      status: 'skip',
      detail: expect.stringContaining('Socket Mode'),
    });
    expect(check('domain.valid')?.status).toBe('pass');
  });

  it.each([
    ['a bot token', { SLACK_APP_TOKEN: 'xoxb-1-2-3' }, 'socket.token', 'a bot token'],
    ['no token', { SLACK_APP_TOKEN: '' }, 'socket.token', 'is not set'],
    ['another app', { SLACK_APP_ID: 'A0000000000' }, 'socket.token', 'not of A0000000000'],
    ['an unknown token', { SLACK_APP_TOKEN: 'xapp-1-A1-1-f' }, 'socket.enabled', 'invalid_auth'],
  ])('names %s', async (_, more, id, detail) => {
    const { doctor } = await createScene();
    const { code, check } = await doctor(more, ['--only', 'socket,slack.reachable']);
    expect(code).toBe(1);
    expect(check(id)).toMatchObject({ status: 'fail', detail: expect.stringContaining(detail) });
  });

  it('names a Socket Mode that is off, and a proxy that lets only slack.com through', async () => {
    const { slack, app, doctor } = await createScene();
    app.manifest = { settings: { socket_mode_enabled: false } };
    const off = await doctor({}, ['--only', 'socket,slack.reachable']);
    expect(off.check('socket.enabled')).toMatchObject({
      status: 'fail',
      hint: expect.stringContaining('Turn Socket Mode on'),
    });
    app.manifest = { settings: { socket_mode_enabled: true } };
    const proxy = await startRefusingProxy();
    slack.next('apps.connections.open', {
      answer: { ok: true, url: 'wss://wss-primary.slack.test/link/?ticket=1' },
    });
    const proxied = { HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: '127.0.0.1' };
    const refused = await doctor(proxied, ['--only', 'socket,slack.reachable']);
    expect(refused.check('socket.reachable')).toMatchObject({
      status: 'fail',
      detail: 'cannot connect to wss-primary.slack.test: the proxy refused the connection (HTTP 502)',
    });
  });

  it('does not run with --upstream alone', async () => {
    const outcome = await runProgram(['doctor', '--domain', host, '--upstream', `https://${host}`]);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('without --socket-mode') });
  });
});
