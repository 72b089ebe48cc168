import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Report } from '../../src/doctor/report/report.ts';
import { checkIds, createScene, host, type Scene } from '../support/examination.ts';
import { launcher, runProgram } from '../support/program.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { closedPort, httpsServer, tcpServer } from '../support/tls-server.ts';
import { openTerminal } from '../support/tmux.ts';

const doctor = (scene: Scene, port: number, args: readonly string[], more = {}) =>
  runProgram(
    [
      ...['doctor', '--domain', host, '--connect-to', `${host}:443:127.0.0.1:${port}`],
      ...['--slack-api-url', scene.slack.url, ...args],
    ],
    { cwd: scene.cwd, ...more },
  );

describe('doctor, as a process', () => {
  it('prints what is known when it is interrupted, and ends with 130', async () => {
    const scene = await createScene(onTestFinished);
    const { code, stdout } = await doctor(scene, await tcpServer(), ['--format', 'json', '--verbose'], {
      signalAt: { text: 'slack.credentials', signal: 'SIGINT' },
    });
    expect(code).toBe(130);
    const report: Report = JSON.parse(stdout);
    expect({ ok: report.ok, end: report.end }).toEqual({ ok: false, end: 'interrupted' });
    expect(report.checks.find(({ id }) => id === 'slack.credentials')?.status).toBe('pass');
    expect(report.checks.find(({ id }) => id === 'tls.trusted')).toMatchObject({
      status: 'skip',
      detail: expect.stringMatching(/interrupted/),
    });
  });

  it('ends with its time, although garbage is collected in the meantime', async () => {
    const scene = await createScene(onTestFinished);
    const collector = 'data:text/javascript,setInterval(() => globalThis.gc(), 100).unref()';
    const { code, stdout } = await doctor(
      scene,
      await tcpServer(),
      ['--format', 'json', '--skip', 'slack', '--timeout', '1s'],
      { nodeOptions: ['--expose-gc', '--import', collector] },
    );
    expect(code).toBe(3);
    expect(stdout).toContain('not finished: time limit reached (--timeout)');
  });

  it.each([
    ['NODE_EXTRA_CA_CERTS', 'root.pem'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['NODE_OPTIONS', '--use-openssl-ca'],
    ['SSL_CERT_FILE', 'root.pem'],
  ])('does not trust a private authority for the sake of %s', async (name, value) => {
    const scene = await createScene(onTestFinished);
    const port = await httpsServer(
      await scene.authority.issue({ names: [host] }),
      slackEndpoint({ signingSecret: scene.signingSecret }),
    );
    const setting = value.endsWith('.pem') ? join(scene.cwd, value) : value;
    const { code, stdout } = await doctor(scene, port, ['--format', 'json'], { env: { [name]: setting } });
    const report: Report = JSON.parse(stdout);
    const failed = report.checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
    expect(failed).toEqual(['tls.trusted']);
    expect(code).toBe(1);
  });

  it('keeps the report on stdout and everything else on stderr', async () => {
    const scene = await createScene(onTestFinished);
    const port = await httpsServer(
      await scene.authority.issue({ names: [host] }),
      slackEndpoint({ signingSecret: scene.signingSecret }),
    );
    const loud = await doctor(scene, port, ['--ca', 'root.pem']);
    expect(loud.code).toBe(0);
    expect(loud.stdout).toMatch(/\d+ skipped, 0 failed\n$/);
    // In the log of a pipeline both streams stand together: no check is told twice.
    const named = `warning: Slack's credentials are sent to ${scene.slack.url} (--slack-api-url), not to slack.com\n`;
    expect(loud.stderr).toBe(`${named}running ${checkIds.length} checks\n`);
    const verbose = await doctor(scene, port, ['--ca', 'root.pem', '--verbose']);
    expect(verbose.stderr).toMatch(/^pass {2}signature\.challenge/m);
    const quiet = await doctor(scene, port, ['--ca', 'root.pem', '--quiet']);
    expect(quiet.stderr).toBe(named);
    expect(quiet.stdout).not.toMatch(/\u001b/);
  });

  it('redraws its progress on a terminal, and leaves the report alone behind', async () => {
    const scene = await createScene(onTestFinished);
    const port = await tcpServer();
    const terminal = await openTerminal(
      `trap : INT; ${process.execPath} ${launcher} doctor --domain ${host} --connect-to ${host}:443:127.0.0.1:${port} --slack-api-url ${scene.slack.url} --only endpoint,tls; echo "ended with $?"`,
      { cwd: scene.cwd },
    );
    await terminal.waitFor(/… +tls\.trusted[\s\S]*0 of 8/);
    await terminal.press('C-c');
    const screen = await terminal.waitFor('ended with 130');
    expect(screen).toMatch(/4 checks: not finished: interrupted/);
    expect(screen).toMatch(/\u2717 interrupted/);
    expect(screen).not.toContain('…');
    expect(await terminal.coloured()).toContain('\u001b[2m');
  });

  it.each([
    [80, 24],
    [70, 10],
  ])('leaves nothing of its progress behind on a terminal of %i by %i', async (columns, rows) => {
    const scene = await createScene(onTestFinished);
    const port = await tcpServer();
    const terminal = await openTerminal(
      `${process.execPath} ${launcher} doctor --domain ${host} --connect-to ${host}:443:127.0.0.1:${port} --slack-api-url http://127.0.0.1:${await closedPort()} --timeout 2s > report.txt; echo "ended with $?"`,
      { cwd: scene.cwd, size: [columns, rows] },
    );
    await terminal.waitFor(new RegExp(`\\d+ of ${checkIds.length}$`));
    await terminal.waitFor('ended with 1');
    expect(await terminal.history()).toMatch(/^warning: Slack's credentials [^…✓]*ended with 1$/);
  });
});
