import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../src/commands/serve/queue-limit.ts';
import { signingKey, verify } from '../../src/slack/signature.ts';
import { requestKinds } from '../../src/trigger/requests.ts';
import { createAuthority } from '../support/certificate-authority.ts';
import { runProgram } from '../support/program.ts';
import { startTestServer } from '../support/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { closedPort, httpsServer } from '../support/tls-server.ts';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const env = { SLACK_SECRET: secret };

function trigger(...args: string[]) {
  return runProgram(['trigger', ...args], { env });
}

/** A server that ends with the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await listen(server);
  onTestFinished(() => close(server));
  return `http://127.0.0.1:${port(server)}/webhooks/slack`;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('against Bolt', () => {
  const seen: string[] = [];
  let url = '';
  let stop: () => Promise<unknown> = async () => undefined;

  beforeAll(async () => {
    const receiver = new HTTPReceiver({
      signingSecret: secret,
      endpoints: ['/webhooks/slack'],
      logLevel: LogLevel.ERROR,
    });
    const app = new App({
      receiver,
      logLevel: LogLevel.ERROR,
      authorize: async () => ({ botToken: 'xoxb-0', botId: 'B0', botUserId: 'U0' }),
    });
    app.command('/spacelift', async ({ command, ack }) => {
      seen.push(`command ${command.text}`);
      await ack(`you said ${command.text}`);
    });
    app.action('spacelift-slack-trigger', async ({ ack }) => {
      seen.push('action');
      await ack();
    });
    app.event('app_home_opened', async () => {
      seen.push('app_home_opened');
    });
    app.event('app_uninstalled', async () => {
      seen.push('app_uninstalled');
    });
    const server = await receiver.start({ port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${port(server as Server)}/webhooks/slack`;
    stop = () => receiver.stop();
  });
  afterAll(() => stop());

  it.each([
    ['url-verification', undefined],
    ['slash-command', 'command help'],
    ['block-actions', 'action'],
    ['event', 'app_home_opened'],
    ['app-uninstalled', 'app_uninstalled'],
    ['ssl-check', undefined],
  ])('has %s understood', async (kind, handled) => {
    seen.length = 0;
    const { code, stdout } = await trigger(kind, '--url', url, '--yes');
    expect(stdout).toContain('Slack would accept this response');
    expect(code).toBe(0);
    expect(seen).toEqual(handled === undefined ? [] : [handled]);
  });

  it('sends --text as it was typed', async () => {
    const { stdout } = await trigger(
      'slash-command',
      '--url',
      url,
      '--yes',
      '--text',
      'subscribe a&b=ü 100%',
    );
    expect(stdout).toContain('you said subscribe a&b=ü 100%');
  });

  it.each([['--bad-signature'], ['--timestamp=-301'], ['--timestamp', '1000000000']])(
    'exits with 0 when a request with %s is rejected',
    async (...option) => {
      const { code, stdout } = await trigger(
        'slash-command',
        '--url',
        url,
        '--yes',
        ...option,
        '--format',
        'json',
      );
      expect(JSON.parse(stdout)).toMatchObject({
        expectation: 'rejected',
        ok: true,
        response: { status: 401 },
      });
      expect(code).toBe(0);
    },
  );

  it('exits with 1 when a timestamp far ahead is accepted', async () => {
    const { code, stdout } = await trigger('url-verification', '--url', url, '--timestamp', '+100000');
    expect(stdout).toContain('The endpoint accepted it with status 200, although Slack cannot have sent it.');
    expect(code).toBe(1);
  });

  it('exits with 1 when SLACK_SECRET is wrong', async () => {
    const { code, stdout } = await runProgram(['trigger', 'slash-command', '--url', url, '--yes'], {
      env: { SLACK_SECRET: 'another' },
    });
    expect(stdout).toContain('Expected status 200, got 401.');
    expect(stdout).toContain('spacelift-slack explain http_client_error');
    expect(code).toBe(1);
  });
});

describe('what is sent', () => {
  it.each(requestKinds)('sends %s as a POST with a valid signature over its bytes', async (kind) => {
    let sent: Promise<[IncomingMessage, Buffer]> | undefined;
    const url = await serve((request, response) => {
      sent = bytesOf(request).then((body) => [request, body]);
      response.end();
    });
    await trigger(kind, '--url', url, '--yes');
    const [request, body] = (await sent) ?? [];
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/webhooks/slack');
    const verdict = verify(
      {
        signatures: [String(request?.headers['x-slack-signature'])],
        timestamps: [String(request?.headers['x-slack-request-timestamp'])],
        body: body ?? Buffer.of(),
      },
      [signingKey(secret)],
      Date.now() / 1000,
    );
    expect(verdict).toEqual({ valid: true, secret: 0 });
  });

  it('sends the headers of --retry and the fields of --data', async () => {
    let sent: Promise<[IncomingMessage, Buffer]> | undefined;
    const url = await serve((request, response) => {
      sent = bytesOf(request).then((body) => [request, body]);
      response.end();
    });
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'event.json'), '{"event_id":"Ev1"}');
    const { code } = await runProgram(
      ['trigger', 'event', '--url', url, '--yes', '--retry', '3', '--data', 'event.json'],
      { env, cwd },
    );
    expect(code).toBe(0);
    const [request, body] = (await sent) ?? [];
    expect(request?.headers).toMatchObject({
      'x-slack-retry-num': '3',
      'x-slack-retry-reason': 'http_timeout',
    });
    expect(JSON.parse(String(body))).toMatchObject({ event_id: 'Ev1', type: 'event_callback' });
  });

  it('takes the secret from the env file and never prints it', async () => {
    const url = await serve((_request, response) => response.end());
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), `SLACK_SECRET=${secret}\n`);
    const { code, stdout, stderr } = await runProgram(['trigger', 'ssl-check', '--url', url, '--verbose'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('> X-Slack-Signature: v0=…');
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toMatch(/v0=[0-9a-f]/);
  });
});

describe('a likely mistake is sent with a warning', () => {
  it.each([
    [['--timestamp', '600'], /warning: --timestamp means 1970-01-01T00:10:00.000Z/],
    [['--timestamp', '-600'], undefined],
    [['--data', '-'], /warning: --data is not a JSON object; it is sent unchanged/],
  ])('%j', async (args, warning) => {
    let body = '';
    const url = await serve(async (request, response) => {
      body = String(await bytesOf(request));
      response.writeHead(401).end();
    });
    const { stderr } = await runProgram(['trigger', 'event', '--url', url, '--yes', ...args], {
      env,
      stdin: '{"half',
    });
    if (warning) expect(stderr).toMatch(warning);
    else expect(stderr).not.toContain('warning');
    expect(body).toContain(args.includes('-') ? '{"half' : 'event_callback');
  });
});

it('takes the secret from standard input first', async () => {
  const url = await serve(async (request, response) => {
    const signed = {
      timestamps: [String(request.headers['x-slack-request-timestamp'])],
      body: await bytesOf(request),
    };
    const signatures = [String(request.headers['x-slack-signature'])];
    const verdict = verify({ ...signed, signatures }, [signingKey('piped')], Date.now() / 1000);
    response.statusCode = verdict.valid ? 200 : 401;
    response.end();
  });
  const { code } = await runProgram(['trigger', 'event', '--url', url, '--yes', '--secrets-stdin'], {
    env,
    stdin: '{"signing_secret":"piped"}',
  });
  expect(code).toBe(0);
});

describe('responses', () => {
  it('reports a response after 3.2 s as late', async () => {
    const url = await serve((_request, response) => {
      setTimeout(() => response.end(), 3200);
    });
    const { code, stdout } = await trigger('slash-command', '--url', url, '--yes');
    expect(stdout).toMatch(/The response took 3\d\d\d ms: Slack waits 3000 ms\./);
    expect(stdout).toContain('explain operation_timeout');
    expect(code).toBe(1);
  });

  it('reports a missing response', async () => {
    const url = await serve(() => undefined);
    const { code, stdout } = await trigger('event', '--url', url, '--yes', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, response: null, word: 'http_timeout' });
    expect(code).toBe(1);
  });

  it.each(requestKinds)(
    'SECURITY.md: sends one %s, to the URL of its option, with made-up ids',
    async (kind) => {
      const elsewhere: string[] = [];
      const evil = await serve((_, response) => {
        elsewhere.push('request');
        response.end();
      });
      const bodies: string[] = [];
      const url = await serve(async (request, response) => {
        bodies.push(decodeURIComponent((await bytesOf(request)).toString()));
        response.writeHead(307, { Location: evil }).end();
      });
      const cwd = await temporaryFolder();
      await writeFile(
        join(cwd, '.env'),
        'SPACELIFT_DOMAIN=evil.example\nSPACELIFT_WEBHOOK_DOMAIN=evil.example\n',
      );
      await writeFile(
        join(cwd, '.spacelift-slack.json'),
        '{"domain":"evil.example","webhookDomain":"evil.example"}',
      );
      const without = await runProgram(['trigger', kind, '--yes'], { cwd, env });
      expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--url')]);
      const { code } = await runProgram(['trigger', kind, '--yes', '--url', url], { cwd, env });
      expect([code, elsewhere, bodies.length]).toEqual([1, [], 1]);
      const ids = bodies.join().match(/\b[TUWCA]0[A-Z0-9]{6,}/g) ?? [];
      expect(ids.filter((id) => !/0TRIGGER/.test(id))).toEqual([]);
    },
  );

  it('reports a redirect and does not follow it', async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      response.writeHead(302, { location: '/login' }).end();
    });
    const { code, stdout } = await trigger('url-verification', '--url', url);
    expect(stdout).toContain('Status 302 redirects to /login');
    expect({ code, calls }).toEqual({ code: 1, calls: 1 });
  });

  it('print at most 2,000 characters and no control characters', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('content-type', 'text/plain; x="\u009b31m"');
      response.end(`\u001b]0;owned\u0007\u009b31m\u202e${'x'.repeat(200_000)}`);
    });
    for (const format of ['text', 'json']) {
      const { stdout } = await trigger('ssl-check', '--url', url, '--format', format);
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout).toContain(format === 'text' ? '\\u001b]0;owned' : '\\\\u001b]0;owned');
      expect(stdout.length).toBeLessThan(4000);
    }
  });
});

it('notes that a relay responded instead of Spacelift', async () => {
  const origin = `http://127.0.0.1:${await closedPort()}`;
  const more = { host: undefined, ca: undefined, oauth: false, retain: 1, queueLimit };
  const { url } = await startTestServer({ relay: { origin, ...more }, signingSecrets: [secret] });
  const args = ['slash-command', '--url', `${url}/webhooks/slack`, '--yes'];

  const forPeople = await trigger(...args);
  expect(forPeople.code).toBe(0);
  expect(forPeople.stdout).toMatch(
    /✓ Slack would accept this response\.\n! A relay responded instead of Spacelift.* see request [0-9a-f-]{36} in/,
  );
  const forPrograms = await trigger(...args, '--format', 'json');
  expect(JSON.parse(forPrograms.stdout)).toMatchObject({
    ok: true,
    note: expect.stringContaining('A relay responded instead of Spacelift'),
  });
});

describe('exits with 3 if the endpoint cannot be reached', () => {
  it('at a closed port', async () => {
    const server = createServer();
    await listen(server);
    const closed = port(server);
    await close(server);
    const { code, stdout, stderr } = await trigger(
      'ssl-check',
      '--url',
      `http://127.0.0.1:${closed}/`,
      '--format=json',
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'endpoint-unreachable' } });
    expect(stderr).toContain('connection refused');
    expect(stderr).not.toContain('    at ');
  });

  it('at a name that does not resolve', async () => {
    const { code, stderr } = await trigger('ssl-check', '--url', 'https://no-such-host.invalid/');
    expect(code).toBe(3);
    // Without a resolver, nothing is known of any name.
    expect(stderr).toMatch(/the name does not resolve|DNS lookup failed/);
  });

  it('when the connection closes during the response', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const { code, stderr } = await trigger('ssl-check', '--url', url);
    expect(code).toBe(3);
    expect(stderr).toContain('the connection was closed before a complete response');
  });

  it('with a private certificate that --ca does not name, whatever NODE_EXTRA_CA_CERTS says', async () => {
    const folder = await temporaryFolder();
    const identity = await (await createAuthority()).issue({ names: ['localhost'], signedBy: 'itself' });
    const certificate = join(folder, 'ca.pem');
    await writeFile(certificate, identity.certificate);
    const server = createTlsServer({ key: identity.key, cert: identity.certificate }, (_request, response) =>
      response.end(),
    );
    await listen(server);
    onTestFinished(() => close(server));
    const args = ['trigger', 'ssl-check', '--url', `https://localhost:${port(server)}/`];

    const untrusted = await runProgram(args, { env: { ...env, NODE_EXTRA_CA_CERTS: certificate } });
    expect(untrusted.code).toBe(3);
    expect(untrusted.stderr).toContain('the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)');

    const trusted = await runProgram([...args, '--ca', certificate], { env });
    expect(trusted.code).toBe(0);
  });
});

describe('what cannot be reached is explained', () => {
  it('distinguishes a certificate for another name from an untrusted one', async () => {
    const authority = await createAuthority();
    const at = await httpsServer(await authority.issue({ names: ['other.example'] }), (_, response) =>
      response.end(),
    );
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'ca.pem'), authority.root);
    const args = ['ssl-check', '--url', `https://localhost:${at}/`, '--ca', 'ca.pem'];
    const { code, stderr } = await runProgram(['trigger', ...args], { env, cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('the certificate is for another host name (ERR_TLS_CERT_ALTNAME_INVALID)');
    expect(stderr).toContain('issued for localhost');
    expect(stderr).not.toMatch(/doctor|private CA/);
  });

  it('suggests doctor only for a public name on port 443', async () => {
    const named = await trigger('ssl-check', '--url', 'https://no-such-host.invalid/');
    expect(named.stderr).toContain('spacelift-slack doctor --domain no-such-host.invalid --only');
    const elsewhere = await trigger('ssl-check', '--url', `https://127.0.0.1:${await closedPort()}/`);
    expect(elsewhere.stderr).toContain(
      'hint: Nothing listens there: start the server, or correct the port in --url.\n',
    );
  });
});

it('leads from an https URL of a server without TLS to the http URL', async () => {
  const url = await serve((_, response) => response.end());
  const { code, stderr } = await trigger('ssl-check', '--url', url.replace('http:', 'https:'));
  expect([code, stderr]).toEqual([3, expect.stringContaining(`pass --url ${url};`)]);
  expect(stderr).toContain('does not speak TLS on this port');
});

describe('--connect-to', () => {
  it('connects elsewhere than DNS says, with the name of the URL in Host', async () => {
    const authority = await createAuthority();
    const hosts: unknown[] = [];
    const at = await httpsServer(
      await authority.issue({ names: ['spacelift.example.com'] }),
      (request, response) => {
        hosts.push(request.headers.host);
        response.end();
      },
    );
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'ca.pem'), authority.root);
    const url = 'https://spacelift.example.com/webhooks/slack';
    const rule = `spacelift.example.com:443:127.0.0.1:${at}`;
    const { code, stderr } = await runProgram(
      ['trigger', 'ssl-check', '--url', url, '--ca', 'ca.pem', '--connect-to', rule],
      { env, cwd },
    );
    expect(stderr).toContain(`Connecting to 127.0.0.1 port ${at} (--connect-to).`);
    expect(code).toBe(0);
    expect(hosts).toEqual(['spacelift.example.com']);
  });

  it('is named in the error if nothing listens there', async () => {
    const at = await closedPort();
    const url = 'https://spacelift.example.com/webhooks/slack';
    const { code, stderr } = await trigger('ssl-check', '--url', url, '--connect-to', `::127.0.0.1:${at}`);
    expect(code).toBe(3);
    expect(stderr).toContain(
      `cannot connect to spacelift.example.com at 127.0.0.1 port ${at}: connection refused`,
    );
    expect(stderr).toContain('correct the port in --url and --connect-to.\n');
  });
});

describe('wrong use ends with 2', () => {
  it.each([
    [['no-such-kind', '--url', 'http://127.0.0.1'], /expected one of url-verification/],
    [['ssl-check'], /--url/],
    [['ssl-check', '--url', 'ftp://example.com'], /not an http or https URL/],
    [['ssl-check', '--url', 'https://me:pw@example.com'], /user information/],
    [['ssl-check', '--url', 'me:pw@example.com'], /--url …@example\.com is not/],
    [['ssl-check', '--url', 'http://127.0.0.1', '--text', 'x'], /--text applies to slash-command only/],
    [
      ['slash-command', '--url', 'http://127.0.0.1', '--text', 'x', '--data', import.meta.filename],
      /--text does not apply to a whole body/,
    ],
    [['ssl-check', '--url', 'http://127.0.0.1', '--retry', '1'], /--retry applies to event/],
    [['event', '--url', 'http://127.0.0.1', '--retry', '4'], /expected 1, 2 or 3, got 4/],
    [['ssl-check', '--url', 'http://127.0.0.1', '--timestamp', 'noon'], /is not a time/],
    [['ssl-check', '--url', 'http://127.0.0.1', '--data', '/nonexistent'], /cannot be read/],
    [
      ['ssl-check', '--url', 'http://127.0.0.1', '--connect-to', 'a.example:80:127.0.0.1:1'],
      /matches no host that is checked/,
    ],
    [['event', '--url', 'http://127.0.0.1'], /--yes/],
    [['event', '--url', 'http://127.0.0.1', '--data', '-', '--secrets-stdin'], /both read stdin/],
  ])('%j', async (args, said) => {
    const { code, stdout, stderr } = await trigger(...args);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('without any secret', async () => {
    const { code, stderr } = await runProgram(['trigger', 'ssl-check', '--url', 'http://127.0.0.1']);
    expect(stderr).toContain('SLACK_SECRET');
    expect(code).toBe(2);
  });
});

it('says where a token stands in place of the signing secret, and sends all the same', async () => {
  const url = await serve((_, response) => response.writeHead(401).end());
  const { code, stderr } = await runProgram(['trigger', 'url-verification', '--url', url], {
    env: { SLACK_SECRET: 'xoxb-1-hush' },
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining('SLACK_SECRET looks like a bot or user token')]);
  expect(stderr).not.toContain('hush');
});
