import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkIds as allCheckIds } from '../../../src/doctor/catalogue/catalogue.ts';
import type { Report } from '../../../src/doctor/report/report.ts';
import { parseDomain } from '../../../src/domain.ts';
import { renderManifest } from '../../../src/manifest/render.ts';
import { createAuthority } from '../../support/certificate-authority.ts';
import { dnsServer } from '../../support/dns-server.ts';
import { checkIds, createScene, examineAt, find, host, type Scene } from '../../support/examination.ts';
import { runInProcess } from '../../support/in-process.ts';
import { need } from '../../support/need.ts';
import { slackEndpoint } from '../../support/slack-endpoint.ts';
import { closedPort, httpsServer, tcpServer } from '../../support/tls-server.ts';

type Faults = Partial<Parameters<typeof slackEndpoint>[0]>;

async function deploy(scene: Scene, faults: Faults = {}, names: readonly string[] = [host]) {
  const { authority, signingSecret } = scene;
  const identity = await authority.issue({ names });
  return httpsServer(identity, slackEndpoint({ signingSecret, ...faults }), scene);
}

describe('doctor: the environment', () => {
  it('fails if the variables are missing, and checks what needs none of them', async () => {
    const scene = await createScene(onTestFinished);
    await rm(join(scene.cwd, '.env'));
    const { ids, code } = await examineAt(scene, await deploy(scene));
    expect(ids.fail).toEqual(['env.client-id', 'env.client-secret', 'env.signing-secret']);
    expect(ids.skip).toEqual(
      expect.arrayContaining(['env.mix-up', 'signature.challenge', 'signature.form', 'slack.credentials']),
    );
    expect(ids.pass).toEqual(
      expect.arrayContaining(['webhook.reachable', 'signature.rejects-forged', 'signature.rejects-unsigned']),
    );
    expect(code).toBe(1);
  });

  it('checks the public side alone with --skip environment, and reports what it could not check', async () => {
    const scene = await createScene(onTestFinished);
    await rm(join(scene.cwd, '.env'));
    const { ids, code, report } = await examineAt(scene, await deploy(scene), ['--skip', 'environment']);
    expect(ids.fail).toEqual([]);
    expect(find(report, 'signature.challenge')).toMatchObject({
      status: 'skip',
      detail: 'no signing secret is set here to sign with',
    });
    expect(code).toBe(0);
  });

  it.each([
    ['the same secret twice', 'a11ce5e0'.repeat(4), 'a11ce5e0'.repeat(4), 'fail'],
    ['a bot token', 'a11ce5e0'.repeat(4), 'xoxb-1234567890-abcdef', 'fail'],
    ['quotes that came along', 'a11ce5e0'.repeat(4), `'"${'b01dface'.repeat(4)}"'`, 'fail'],
  ])('names a mix-up: %s', async (_, clientSecret, signingSecret, status) => {
    const scene = await createScene(onTestFinished);
    await writeFile(
      join(scene.cwd, '.env'),
      `SLACK_APP_CLIENT_ID=${scene.clientId}\nSLACK_APP_CLIENT_SECRET=${clientSecret}\nSLACK_SECRET=${signingSecret}\n`,
    );
    const { report } = await examineAt(scene, 1, ['--only', 'environment']);
    expect(find(report, 'env.mix-up').status).toBe(status);
    expect(JSON.stringify(report)).not.toContain(clientSecret);
  });

  it('warns about an env file that others can read', async () => {
    const scene = await createScene(onTestFinished);
    await chmod(join(scene.cwd, '.env'), 0o644);
    const { report, code } = await examineAt(scene, 1, ['--only', 'environment']);
    expect(find(report, 'env.file-mode')).toMatchObject({ status: 'warn', hint: 'Run: chmod 600 .env' });
    expect(code).toBe(0);
    expect((await examineAt(scene, 1, ['--only', 'environment', '--strict'])).code).toBe(1);
  });
});

describe('doctor: Slack', () => {
  const only = ['--only', 'slack'];

  it('tells a wrong client secret', async () => {
    const scene = await createScene(onTestFinished);
    const args = only;
    await writeFile(
      join(scene.cwd, '.env'),
      `SLACK_APP_CLIENT_ID=${scene.clientId}\nSLACK_APP_CLIENT_SECRET=${'fee1dead'.repeat(4)}\n`,
    );
    const { report, code } = await examineAt(scene, 1, args);
    expect(find(report, 'slack.credentials')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('bad_client_secret'),
    });
    expect(code).toBe(1);
  });

  it('tells an unknown client id', async () => {
    const scene = await createScene(onTestFinished);
    const env = await readFile(join(scene.cwd, '.env'), 'utf8');
    await writeFile(join(scene.cwd, '.env'), env.replace(scene.clientId, '1111111111.2222222222222'));
    const { report } = await examineAt(scene, 1, only);
    expect(find(report, 'slack.credentials').detail).toContain('invalid_client_id');
  });

  it.each([
    ['an answer that proves nothing', { refuse: 'team_access_not_granted' }, /nothing is proven/],
    ['a rate limit', { rateLimited: 30 }, /30 s/],
    ['HTTP 500', { status: 500 }, /500/],
  ] as const)('warns about %s', async (_, step, detail) => {
    const scene = await createScene(onTestFinished);
    scene.slack.next('oauth.v2.access', step);
    const { report, code } = await examineAt(scene, 1, only);
    expect(find(report, 'slack.credentials')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(detail),
    });
    expect(code).toBe(0);
  });

  it('does not try the credentials if Slack cannot be reached', async () => {
    const scene = await createScene(onTestFinished);
    await scene.slack.close();
    const { report, ids, code } = await examineAt(scene, 1, only);
    expect(ids.fail).toEqual(['slack.reachable']);
    expect(ids.skip).toEqual(['slack.credentials', 'slack.app-drift']);
    expect(find(report, 'slack.reachable').detail).toContain('connection refused');
    expect(code).toBe(1);
  });

  it('reaches Slack through the proxy of the environment, and the endpoint without it', async () => {
    const scene = await createScene(onTestFinished);
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      seen.push(request.url ?? '');
      const [name = '', port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), name, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      proxy.close();
      proxy.closeAllConnections();
    });
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const port = await deploy(scene);
    const { code, stdout } = await runInProcess(
      [
        ...['doctor', '--domain', host, '--ca', 'root.pem', '--format', 'json', '--slack-api-url'],
        ...[scene.slack.url, '--connect-to', `${host}:443:127.0.0.1:${port}`],
      ],
      { cwd: scene.cwd, env: { PATH: process.env['PATH'] ?? '', HTTP_PROXY: url, HTTPS_PROXY: url } },
    );
    expect(code).toBe(0);
    expect(new Set(seen)).toEqual(new Set([new URL(scene.slack.url).host]));
    const report: Report = JSON.parse(stdout);
    expect(report.vantage).toMatch(/no probe goes through the proxy/);
  });
});

describe('doctor: the app', () => {
  const parsed = parseDomain(host);
  if (!parsed.ok) throw new Error('the domain of the tests is none');
  const { domain } = parsed;
  let text = '';
  beforeAll(async () => {
    text = JSON.stringify((await renderManifest({ domain, webhookDomain: domain })).manifest);
  });

  async function drift(live: string, token?: string) {
    const scene = await createScene(onTestFinished);
    const app = scene.slack.workspace.addApp(JSON.parse(live));
    const env = await readFile(join(scene.cwd, '.env'), 'utf8');
    await writeFile(
      join(scene.cwd, '.env'),
      `${env}SLACK_CONFIG_TOKEN=${token ?? scene.slack.workspace.configToken}\n`,
    );
    const args = ['--only', 'slack.app-drift', '--app-id', app.id];
    const { report, code } = await examineAt(scene, 1, args);
    return { ...find(report, 'slack.app-drift'), code };
  }

  it('passes if the manifest is what the domain needs', async () => {
    expect(await drift(text)).toMatchObject({ status: 'pass', code: 0 });
  });

  it('passes with a name and a command of its own', async () => {
    const renamed = text
      .replace('"name":"Spacelift"', '"name":"Spacelift staging"')
      .replace('"display_name":"Spacelift"', '"display_name":"Spacelift staging"')
      .replace('"/spacelift"', '"/spacelift-staging"');
    expect(renamed).not.toBe(text);
    expect(await drift(renamed)).toMatchObject({ status: 'pass', code: 0 });
  });

  it.each([
    ['a scope is missing', /"chat:write.public",/, '', /scopes\/bot/],
    ['an event is missing', /"app_uninstalled"/, '', /event_subscriptions/],
    ['Socket Mode is on', /"socket_mode_enabled":false/, '"socket_mode_enabled":true', /socket_mode/],
    ['a URL leads elsewhere', /\/webhooks\/slack/g, '/slack/events', /request_url|url/],
    ['nothing is there', /^.*$/s, '{"display_information":{"name":"Spacelift"}}', /features|oauth_config/],
  ])('fails if %s', async (_, part, instead, detail) => {
    const live = text.replace(part, instead);
    expect(live).not.toBe(text);
    expect(await drift(live)).toMatchObject({
      status: 'fail',
      code: 1,
      detail: expect.stringMatching(detail),
    });
  });

  it.each([
    ['one that is not Spacelift’s before it', '/deploy', 'https://deploy.example.com/slack', '/spacelift'],
    [
      'one that is not Spacelift’s before one with a name of its own',
      '/deploy',
      'https://x.example.com',
      '/sl',
    ],
  ])('compares the command that is Spacelift’s: %s', async (_, command, url, own) => {
    const other = JSON.stringify({ command, url, description: 'Deploys' });
    const live = text
      .replace('"/spacelift"', JSON.stringify(own))
      .replace('"slash_commands":[', `"slash_commands":[${other},`);
    expect(await drift(live)).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/in 1 place: "\/features\/slash_commands\/0"/),
    });
  });

  it('warns of a switch that breaks nothing', async () => {
    const live = text.replace('"always_online":true', '"always_online":false');
    expect(live).not.toBe(text);
    expect(await drift(live)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('always_online'),
    });
  });

  it('accepts org_deploy_enabled either way: an app of an Enterprise organisation needs it', async () => {
    const live = text.replace('"org_deploy_enabled":false', '"org_deploy_enabled":true');
    expect(await drift(live)).toMatchObject({ status: 'pass' });
  });

  it('warns if only the appearance differs, or something was added', async () => {
    expect(await drift(text.replace('#131417', '#000000'))).toMatchObject({ status: 'warn', code: 0 });
    expect(await drift(text.replace('"chat:write"', '"chat:write","im:write"'))).toMatchObject({
      status: 'warn',
      code: 0,
    });
  });

  it('fails if Slack rejects the token', async () => {
    const token = 'xoxe.xoxp-1-0123456789abcdef';
    const { status, detail, hint } = await drift(text, token);
    expect({ status, detail }).toEqual({ status: 'fail', detail: expect.stringContaining('invalid_auth') });
    expect(`${detail} ${hint}`).not.toContain(token);
  });
});

describe('doctor: DNS', () => {
  it.each([
    ['public addresses', ['8.8.8.8', '2606:4700::1111'], 'pass', 'pass'],
    ['IPv6 addresses alone', ['2606:4700::1111'], 'warn', 'pass'],
    ['one record type that cannot be looked up', { A: ['8.8.8.8'], AAAA: 'SERVFAIL' }, 'warn', 'pass'],
    ['a link-local address', ['169.254.169.254'], 'pass', 'fail'],
    ['a mapped address', ['8.8.8.8', '::ffff:10.0.0.1'], 'pass', 'fail'],
  ] as const)('judges %s', async (_, records, resolves, isPublic) => {
    const scene = await createScene(onTestFinished);
    const { report } = await examineAt(scene, [
      '--dns',
      await dnsServer({ [host]: records }),
      '--only',
      'dns',
    ]);
    expect(report.checks.map(({ status }) => status)).toEqual([resolves, isPublic]);
  });
});

describe('doctor: an issuer that is not known', () => {
  const issuerUrl = 'http://ca.example.com/issuer.crt';
  const ca = ['--ca', 'root.pem'];
  const otherRoot = /an intermediate certificate is missing, or --ca holds another authority's root/;
  const perhapsPrivate = /from a private authority, or an intermediate one is missing/;
  it.each([
    ['the leaf alone', {}, 'certificate', [], perhapsPrivate],
    [
      'the leaf alone, with an address of its issuer',
      { issuerUrl },
      'certificate',
      [],
      /missing: .*; or .* private/,
    ],
    ['a full chain', { issuerUrl }, 'fullChain', [], perhapsPrivate],
    ['a full chain, and another --ca', { issuerUrl }, 'fullChain', ca, otherRoot],
    ['a leaf of another root than --ca', { issuerUrl, signedBy: 'root' }, 'certificate', ca, otherRoot],
  ] as const)('does not claim to know the cause: %s', async (_, leaf, sent, args, detail) => {
    const scene = await createScene(onTestFinished);
    const identity = await (await createAuthority('private')).issue({ names: [host], ...leaf });
    const port = await httpsServer(identity, slackEndpoint(scene), { cert: identity[sent] });
    const route = ['--connect-to', `${host}:443:127.0.0.1:${port}`, '--only', 'tls.trusted'];
    const run = ['doctor', '--domain', host, ...route, '--format', 'json', ...args];
    const report: Report = JSON.parse((await runInProcess(run, scene)).stdout);
    expect(find(report, 'tls.trusted')).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(detail),
    });
  });
});

describe('doctor: the clock', () => {
  it('warns about a wrong Date header if no signed request shows the clock', async () => {
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, { clockOffset: 3600 });
    expect(find((await examineAt(scene, port)).report, 'clock.skew').status).toBe('fail');
    await rm(join(scene.cwd, '.env'));
    expect(find((await examineAt(scene, port)).report, 'clock.skew')).toMatchObject({
      status: 'warn',
      detail: "the server's clock is 1 hour ahead of this machine's",
    });
  });
});

describe('doctor: what responds', () => {
  const page = '<html><title>Access denied</title></html>';
  it.each([
    [101, '', 'fail', /101: not a response to a POST/],
    [304, '', 'fail', /304: not a response to a POST/],
    [400, page, 'warn', /a page responds, not an endpoint: 400/],
    [401, page, 'warn', /a page responds, not an endpoint: 401/],
    [403, page, 'warn', /a page responds, not an endpoint: 403 with a web page, "Access denied"/],
    [403, '', 'pass', /403/],
    [407, '', 'fail', /a proxy responds, which requires a login/],
    [410, '', 'fail', /410: not enabled/],
    [421, '', 'fail', /421: the server that responds does not serve this host/],
    [200, '', 'pass', /200/],
  ])('judges %d without a secret: "%s"', async (status, body, expected, detail) => {
    const scene = await createScene(onTestFinished);
    await rm(join(scene.cwd, '.env'));
    const port = await deploy(scene, {
      before: (_, response) => {
        if (status === 101)
          response.socket?.end('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
        else response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
        return true;
      },
    });
    const { report } = await examineAt(scene, port, ['--only', 'webhook.reachable']);
    expect(find(report, 'webhook.reachable')).toMatchObject({
      status: expected,
      detail: expect.stringMatching(detail),
    });
  });

  it.each([
    ['tls', 'tls.version'],
    ['tls.expiry', 'tls.expiry'],
    ['tls.trusted,tls.hostname', 'tls.trusted'],
  ] as const)('reports once that nothing listens, whatever is checked: %s', async (only, id) => {
    const scene = await createScene(onTestFinished);
    const { report, ids, code } = await examineAt(scene, await closedPort(), ['--only', only]);
    expect(ids.fail).toEqual([id]);
    expect(find(report, id).detail).toMatch(/refused/);
    expect(code).toBe(1);
  });

  it('reports it if the endpoint is excluded', async () => {
    const scene = await createScene(onTestFinished);
    const { ids } = await examineAt(scene, await closedPort(), ['--skip', 'endpoint,signature']);
    expect(ids.fail).toEqual(['tls.version']);
  });
});

describe('doctor: a relay in front', () => {
  const own = 'spacelift.internal.example';
  const webhook = ['--webhook-domain', host, '--domain', own];

  it("skips Spacelift's own host if it cannot be reached from here", async () => {
    const scene = await createScene(onTestFinished);
    const dns = await dnsServer({ [host]: ['127.0.0.1'] });
    const port = await deploy(scene, {
      before: (request, response) => {
        if (request.url === '/webhooks/slack') return false;
        response.writeHead(404).end();
        return true;
      },
    });
    const { report, code } = await examineAt(
      scene,
      ['--dns', dns, '--connect-to', `${host}:443:127.0.0.1:${port}`],
      webhook,
    );
    expect(report.target).toEqual({
      domain: own,
      webhookUrl: `https://${host}/webhooks/slack`,
      oauthUrl: `https://${own}/slack_oauth`,
    });
    expect(find(report, 'oauth.reachable')).toMatchObject({
      status: 'skip',
      detail: expect.stringMatching(/does not resolve.*need not be public/),
    });
    expect(code).toBe(0);
  });

  it("checks the addresses of Spacelift's own host that it can reach", async () => {
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, {}, [host, own]);
    const dns = await dnsServer({
      [host]: ['127.0.0.1'],
      [own]: ['127.0.0.1', '127.0.0.2', '2606:4700::1111'],
    });
    const route = ['--dns', dns, '--connect-to', `:443::${port}`];
    const { report } = await examineAt(scene, route, webhook);
    expect(find(report, 'oauth.reachable')).toMatchObject({
      status: 'pass',
      detail: expect.stringMatching(/400 and a page \(not seen on 127\.0\.0\.2/),
    });
  });

  it.each([
    ['passes', 400, 'pass'],
    ['warns', 404, 'warn'],
    ['warns', 502, 'warn'],
  ])('%s where it can be seen and answers with %d', async (_, status, expected) => {
    const scene = await createScene(onTestFinished);
    const before: Faults['before'] = (request, response) => {
      if (request.url !== '/slack_oauth') return false;
      response.writeHead(status).end();
      return true;
    };
    const port = await deploy(scene, { before }, [host, own]);
    const { report, code } = await examineAt(scene, ['--connect-to', `:443:127.0.0.1:${port}`], webhook);
    expect(find(report, 'oauth.reachable').status).toBe(expected);
    expect(code).toBe(0);
  });
});

describe('doctor: options', () => {
  it('reports what --only names and nothing else', async () => {
    const scene = await createScene(onTestFinished);
    const { report } = await examineAt(scene, await deploy(scene), ['--only', 'tls,clock.skew,dns']);
    expect(report.checks.map(({ id }) => id)).toEqual([
      'dns.resolves',
      'dns.public',
      'tls.trusted',
      'tls.hostname',
      'tls.expiry',
      'tls.version',
      'clock.skew',
    ]);
  });

  it('reports what --skip and --offline exclude as not run', async () => {
    await need('git');
    const scene = await createScene(onTestFinished);
    const { report, code } = await examineAt(scene, 1, ['--offline', '--skip', 'env.mix-up']);
    expect(report.checks.map(({ id }) => id)).toEqual(checkIds);
    expect(find(report, 'env.mix-up')).toMatchObject({ status: 'skip', detail: 'excluded by --skip' });
    expect(find(report, 'webhook.reachable').detail).toMatch(/--offline/);
    expect(report.vantage).toMatch(/: no check used a network$/);
    expect(report.summary).toEqual({ pass: 6, warn: 0, fail: 0, skip: checkIds.length - 6 });
    expect(code).toBe(0);
  });

  it('lists every id', async () => {
    const { cwd } = await createScene(onTestFinished);
    const { stdout, code } = await runInProcess(['doctor', '--list'], { cwd });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/ +/)[1]),
    ).toEqual(allCheckIds);
    expect(code).toBe(0);
  });

  it.each([
    [['--only', 'tls.trust'], /unknown check or group "tls\.trust"/, /Did you mean tls\.trusted\?/],
    [['--skip', 'signatures'], /unknown check or group "signatures"/, /Did you mean signature\?/],
    [['--only', 'tls', '--skip', 'tls'], /--only with --skip leaves no check to run/, /doctor --list/],
    [['--only', 'dns,tls', '--offline'], /--only with --offline leaves no check to run/, /doctor --list/],
    [['--connect-to', 'a:b'], /connect-to/, /./],
    [
      ['--connect-to', `${host}:8443:127.0.0.1:1`],
      /8443:127\.0\.0\.1:1 matches no host that is checked/,
      /spacelift\.example\.com:443/,
    ],
    [
      ['--connect-to', `::127.0.0.1:1`, '--connect-to', `${host}::127.0.0.1:2`],
      /:2 matches no host that is checked/,
      /first/,
    ],
    [['--dns', 'dns.example.com'], /--dns/, /./],
    [['--timeout', 'soon'], /--timeout/, /./],
    [['--wait', '-1s'], /--wait/, /./],
    [['--ca', 'nowhere.pem'], /nowhere\.pem cannot be read/, /./],
    [['--ca', '.env'], /holds no root certificate/, /./],
    [['--domain', 'https://localhost/'], /localhost/, /./],
    [['--slack-api-url', 'http://slack.example.com'], /--slack-api-url/, /./],
    [['--slack-api-url', 'http://slack.example.com', '--format', 'json'], /--slack-api-url/, /./],
  ])('refuses %j', async (args, message, hint) => {
    const { cwd } = await createScene(onTestFinished);
    const { code, stderr, stdout } = await runInProcess(['doctor', '--domain', host, ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
    if (args.includes('json')) expect(JSON.parse(stdout).error.code).toBe('slack-api-url-invalid');
    else expect(stdout).toBe('');
  });

  it('reports that the host of --connect-to has no address', async () => {
    const scene = await createScene(onTestFinished);
    const route = `${host}:443:no-such-host.invalid:443`;
    const { code, stderr } = await runInProcess(['doctor', '--domain', host, '--connect-to', route], scene);
    expect(code).toBe(3);
    expect(stderr).toContain('--connect-to points to no-such-host.invalid, which has no address');
  });

  it.each([
    [[]],
    [['--only', 'env,tls']],
    [['--offline', '--only', 'domain.valid']],
    // A rule is for a host.
    [['--offline', '--connect-to', `${host}:443:127.0.0.1:1`]],
  ])('names the option if no domain is given, and %j needs one', async (args) => {
    const { cwd } = await createScene(onTestFinished);
    const { code, stderr } = await runInProcess(['doctor', ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--domain');
  });

  it('checks without a domain what needs none, and reports the rest as not run', async () => {
    await need('git');
    const { cwd } = await createScene(onTestFinished);
    const env = { PATH: process.env['PATH'] ?? '' };
    const args = ['doctor', '--offline', '--format', 'json'];
    const { code, stdout } = await runInProcess(args, { cwd, env });
    const report: Report = JSON.parse(stdout);
    expect(report.target).toEqual({ domain: null, webhookUrl: null, oauthUrl: null });
    expect(report.summary).toEqual({ pass: 6, warn: 0, fail: 0, skip: checkIds.length - 6 });
    expect(find(report, 'domain.valid')).toMatchObject({
      status: 'skip',
      detail: 'not run: no domain is given (--domain)',
    });
    expect(code).toBe(0);
  });

  it('asks Slack without a domain', async () => {
    const { cwd, slack } = await createScene(onTestFinished);
    const only = 'env,slack.reachable,slack.credentials';
    const args = ['doctor', '--only', only, '--slack-api-url', slack.url];
    const { code, stdout } = await runInProcess(args, { cwd });
    expect(stdout).toMatch(/^No domain is given: only what needs none is checked\.\n/);
    expect(stdout).toContain('\n\u2713 slack        2 passed\n');
    expect(code).toBe(0);
  });

  it('waits until a deployment that has just started passes', async () => {
    const scene = await createScene(onTestFinished);
    let requests = 0;
    const port = await deploy(scene, {
      before: (_, response) => {
        requests += 1;
        // More than one round sends.
        if (requests > 12) return false;
        response.writeHead(503).end();
        return true;
      },
    });
    const { code, stderr } = await examineAt(scene, port, ['--wait', '60s']);
    expect(code).toBe(0);
    // Once, however many rounds it takes.
    expect(stderr.match(/webhook.reachable: retrying/g)).toHaveLength(1);
  });

  it('does not wait for what cannot change', async () => {
    const scene = await createScene(onTestFinished);
    await rm(join(scene.cwd, '.env'));
    const { code, stderr } = await examineAt(scene, await deploy(scene), ['--wait', '10m']);
    expect(code).toBe(1);
    expect(stderr).not.toContain('retrying');
  });

  it('stops waiting when time is up', async () => {
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, { signingSecret: 'another secret altogether' });
    const { code, ids } = await examineAt(scene, port, ['--wait', '1s']);
    expect(ids.fail).toEqual(['signature.challenge']);
    expect(code).toBe(1);
  });

  it('waits for a run that is cut off too', async () => {
    const scene = await createScene(onTestFinished);
    const { stderr } = await examineAt(scene, await tcpServer(), ['--timeout', '500ms', '--wait', '1s']);
    expect(stderr).toMatch(/^not finished, or with warnings: retrying/m);
  });

  it('exits with 3 if the time limit is reached before anything failed', async () => {
    const scene = await createScene(onTestFinished);
    const { code, report, ids } = await examineAt(scene, await tcpServer(), ['--timeout', '1s']);
    expect(code).toBe(3);
    expect({ ok: report.ok, end: report.end }).toEqual({ ok: false, end: 'time-limit' });
    expect(ids.fail).toEqual([]);
    expect(find(report, 'tls.trusted').detail).toMatch(/--timeout/);
  });

  it.each([
    [[], 0, true],
    [['--strict'], 1, false],
  ])('exits with %j and every check skipped with %d', async (strict, expected, ok) => {
    const scene = await createScene(onTestFinished);
    const { code, report } = await examineAt(scene, 1, ['--only', 'slack.app-drift', ...strict]);
    expect(report.summary).toEqual({ pass: 0, warn: 0, fail: 0, skip: 1 });
    expect({ code, ok: report.ok, end: report.end }).toEqual({ code: expected, ok, end: 'finished' });
  });

  it('writes the report to a file, and over what is there only with --force', async () => {
    const { cwd } = await createScene(onTestFinished);
    const write = (...args: string[]) =>
      runInProcess(['doctor', '--domain', host, '--offline', '--format', 'junit', ...args], { cwd });
    await writeFile(join(cwd, 'report.xml'), 'mine');
    const refused = await write('--out', 'report.xml');
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--force') });
    // Before anything is examined, whose result would be lost.
    expect(refused.stderr).not.toContain('env.client-id');
    expect(await readFile(join(cwd, 'report.xml'), 'utf8')).toBe('mine');
    expect(await write('--out', 'report.xml', '--force')).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(join(cwd, 'report.xml'), 'utf8')).toMatch(/^<\?xml/);
    expect(await write('--out', '/dev/null')).toMatchObject({ code: 0, stdout: '' });
  });

  it('reports what could not be written, and exits with 3', async () => {
    const { cwd } = await createScene(onTestFinished);
    const args = ['doctor', '--domain', host, '--offline', '--out', 'no/such/folder/report.xml'];
    const { code, stderr } = await runInProcess(args, { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .*no\/such\/folder\/report.xml cannot be written/);
  });
});
