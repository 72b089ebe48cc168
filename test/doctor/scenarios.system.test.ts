import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, it } from 'vitest';
import type { CheckId } from '../../src/doctor/catalogue/catalogue.ts';
import { type CertificateAuthority, createAuthority } from '../support/certificate-authority.ts';
import { dnsServer } from '../support/dns-server.ts';
import {
  allPassBut,
  checkIds,
  createScene,
  endsBut,
  examineAt,
  host,
  type Scene,
} from '../support/examination.ts';
import { need } from '../support/need.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { closedPort, httpsServer, tcpServer } from '../support/tls-server.ts';

interface Scenario {
  readonly name: string;
  /** Starts what is to be examined; returns its port, or the options that lead there. */
  readonly deploy: (scene: Scene) => Promise<number | readonly string[]>;
  readonly fail?: readonly CheckId[];
  readonly warn?: readonly CheckId[];
  readonly skip?: readonly CheckId[];
  /** What the first failed check says, or else the first that warns. */
  readonly says?: RegExp;
  /** What that check advises. */
  readonly advises?: RegExp;
}

const afterWebhook = checkIds.filter((id) => /^(webhook\.latency|clock|oauth|signature)/.test(id));
const afterTls = ['webhook.reachable', ...afterWebhook] as const;
const afterDns = checkIds.filter((id) => id.startsWith('tls.')).concat(afterTls);
const afterChallenge = ['signature.form', 'signature.rejects-stale'] as const;
const noHandshake = ['tls.trusted', 'tls.hostname', 'tls.expiry', 'tls.version'] as const;

/** A server with a good certificate and the endpoint, changed as the scenario wants it. */
const deployEndpoint =
  (faults: Partial<Parameters<typeof slackEndpoint>[0]> = {}) =>
  async ({ authority, signingSecret, onFinished }: Scene) =>
    httpsServer(await authority.issue({ names: [host] }), slackEndpoint({ signingSecret, ...faults }), {
      onFinished,
    });

const deployCertificate =
  (
    leaf: Partial<Parameters<CertificateAuthority['issue']>[0]>,
    tls: Parameters<typeof httpsServer>[2] & { readonly alone?: boolean } = {},
  ) =>
  async ({ authority, signingSecret, onFinished }: Scene) => {
    const identity = await authority.issue({ names: [host], ...leaf });
    const cert = tls.alone ? identity.certificate : identity.fullChain;
    return httpsServer(identity, slackEndpoint({ signingSecret }), { cert, ...tls, onFinished });
  };

const answer = (status: number, headers: Record<string, string> = {}, body = '') =>
  deployEndpoint({
    before: (request, response) => {
      if (request.url === '/slack_oauth') return false;
      response.writeHead(status, headers).end(body);
      return true;
    },
  });

/** Does something else with forms, and with JSON what an endpoint does. */
const onForms = (before: NonNullable<Parameters<typeof slackEndpoint>[0]['before']>) =>
  deployEndpoint({
    before: (request, response) =>
      request.headers['content-type'] === 'application/x-www-form-urlencoded'
        ? before(request, response)
        : false,
  });

const scenarios: readonly Scenario[] = [
  { name: 'healthy', deploy: deployEndpoint() },
  {
    name: 'connection refused',
    deploy: closedPort,
    fail: ['webhook.reachable'],
    skip: [...noHandshake, ...afterWebhook],
    says: /refused/,
  },
  {
    name: 'black hole: accepts and never answers',
    deploy: ({ onFinished }) => tcpServer(undefined, { onFinished }),
    fail: ['webhook.reachable'],
    skip: [...noHandshake, ...afterWebhook],
    says: /TLS handshake timed out/,
  },
  {
    name: 'black hole behind TLS',
    deploy: deployEndpoint({ before: () => true }),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /no response within/,
  },
  {
    name: 'slow by 3.5 s',
    deploy: deployEndpoint({ before: () => setTimeout(3_500, false) }),
    fail: ['webhook.latency'],
    says: /the response took \d+\.\d s, and Slack waits 3 s/,
  },
  {
    name: 'slow for the first request alone',
    deploy: async (scene) => {
      let awake: Promise<void> | undefined;
      const wake = async () => {
        awake ??= setTimeout(3_500);
        await awake;
        return false;
      };
      return deployEndpoint({ before: wake })(scene);
    },
    warn: ['webhook.latency'],
    says: /the first response took \d+\.\d s, the next one \d+ ms/,
  },
  {
    name: 'slow for what it accepts alone',
    deploy: deployEndpoint({
      before: async ({ headers }) => {
        if (headers['x-slack-signature'] !== undefined) await setTimeout(3_500);
        return false;
      },
    }),
    fail: ['webhook.latency'],
    says: /the response took \d+\.\d s, and Slack waits 3 s/,
  },
  {
    name: 'slow for forms alone',
    deploy: onForms(async () => {
      await setTimeout(3_500);
      return false;
    }),
    fail: ['signature.form'],
    says: /no form gets a response within 3 s/,
  },
  {
    name: 'no answer to forms',
    deploy: onForms((_, response) => {
      response.destroy();
      return true;
    }),
    warn: ['webhook.reachable'],
    fail: ['signature.form'],
    says: /no form gets a response within 3 s/,
  },
  {
    name: 'forms sent to a login',
    deploy: onForms((_, response) => {
      response.writeHead(302, { Location: 'https://login.example.org/' }).end();
      return true;
    }),
    fail: ['signature.form'],
    says: /does not arrive.*redirects \(302\) to "https:\/\/login\.example\.org\/"/,
  },
  {
    name: 'forms met by a login',
    deploy: onForms((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="intern"' }).end();
      return true;
    }),
    fail: ['signature.form'],
    says: /does not arrive.*a login in front responds: 401/,
  },
  {
    name: 'forms met by a bot check',
    deploy: onForms((_, response) => {
      response.writeHead(403, { 'cf-mitigated': 'challenge', 'Content-Type': 'text/html' });
      response.end('<title>Just a moment</title>');
      return true;
    }),
    fail: ['signature.form'],
    says: /does not arrive.*bot check/,
  },
  {
    name: 'forms refused by a firewall',
    deploy: onForms((_, response) => {
      response.writeHead(403, { 'Content-Type': 'text/html' }).end('<title>Request blocked</title>');
      return true;
    }),
    fail: ['signature.form'],
    says: /rejected with 403 with a web page, "Request blocked", although JSON passes: probably a firewall/,
  },
  ...[405, 413].map(
    (status): Scenario => ({
      name: `signed forms answered with ${status}`,
      deploy: deployEndpoint({ takeForm: (response) => response.writeHead(status).end() }),
      fail: ['signature.form'],
      says: new RegExp(`forms are not accepted: ${status}`),
    }),
  ),
  {
    name: 'forms answered with 404',
    deploy: onForms((_, response) => {
      response.writeHead(404).end();
      return true;
    }),
    fail: ['signature.form'],
    says: /forms are not accepted: 404/,
  },
  {
    name: 'healthy, with 404 for a form that holds nothing, as Bolt does',
    deploy: deployEndpoint({ takeForm: (response) => response.writeHead(404).end() }),
  },
  {
    name: 'signed forms that meet a rate limit',
    deploy: deployEndpoint({ takeForm: (response) => response.writeHead(429).end() }),
    warn: ['signature.form'],
    says: /a rate limit responds with 429 to a signed form/,
  },
  ...['', 'ok'].map(
    (body): Scenario => ({
      name: `healthy, with "${body}" called HTML for a form`,
      deploy: deployEndpoint({
        takeForm: (response) =>
          response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(body),
      }),
    }),
  ),
  {
    name: 'healthy, but does not respond to unsigned requests',
    deploy: deployEndpoint({
      before: ({ headers }, response) => {
        if (headers['x-slack-signature'] !== undefined || headers['content-type'] === undefined) return false;
        response.destroy();
        return true;
      },
    }),
    warn: ['webhook.reachable', 'signature.rejects-unsigned'],
    says: /a signed challenge comes back; an unsigned POST gets none: the connection was closed/,
  },
  {
    name: 'GET refused on the redirect target',
    deploy: deployEndpoint({
      before: ({ method }, response) => {
        if (method !== 'GET') return false;
        response.writeHead(405).end();
        return true;
      },
    }),
    fail: ['oauth.reachable'],
    says: /405: GET is not allowed/,
  },
  {
    name: 'self-signed',
    deploy: deployCertificate({ signedBy: 'itself' }),
    fail: ['tls.trusted'],
    skip: afterTls,
    says: /self-signed/,
  },
  {
    name: 'expired',
    deploy: deployCertificate({ from: -90, until: -3 }),
    fail: ['tls.expiry'],
    skip: afterTls,
    says: /the certificate expired on/,
  },
  {
    name: 'expired an hour ago',
    deploy: deployCertificate({ from: -90, until: -1 / 24 }),
    fail: ['tls.expiry'],
    skip: afterTls,
    says: /the certificate expired on/,
  },
  {
    name: 'expired intermediate certificate',
    deploy: deployCertificate({ signedBy: 'expired-intermediate' }),
    fail: ['tls.expiry'],
    skip: afterTls,
    says: /intermediate certificate .* expired on/,
  },
  {
    name: 'not valid yet',
    deploy: deployCertificate({ from: 2 }),
    fail: ['tls.expiry'],
    skip: afterTls,
    says: /not valid before/,
  },
  {
    name: 'expires in ten days',
    deploy: deployCertificate({ until: 10.5 }),
    warn: ['tls.expiry'],
    says: /10 days/,
  },
  {
    name: 'wrong host',
    deploy: deployCertificate({ names: ['other.example.com', '*.other.example.com'] }),
    fail: ['tls.hostname'],
    skip: afterTls,
    says: /it covers "other\.example\.com".*not spacelift\.example\.com/,
  },
  {
    name: 'intermediate missing',
    deploy: deployCertificate({}, { alone: true }),
    fail: ['tls.trusted'],
    skip: afterTls,
    says: /intermediate certificate is missing.*"spacelift-slack test intermediate"/,
  },
  {
    name: 'private authority that sends its root',
    deploy: async (scene) => {
      const other = await createAuthority('private');
      const identity = await other.issue({ names: [host] });
      return httpsServer(identity, slackEndpoint(scene), {
        cert: `${identity.fullChain}\n${other.root}`,
        onFinished: scene.onFinished,
      });
    },
    fail: ['tls.trusted'],
    skip: afterTls,
    says: /private authority, "private root"/,
  },
  {
    name: 'mutual TLS',
    deploy: deployCertificate({}, { requestCert: true, rejectUnauthorized: true }),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /requires a client certificate/,
    advises: /--skip endpoint,signature/,
  },
  {
    name: 'mutual TLS over TLS 1.2',
    deploy: deployCertificate({}, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
    fail: ['tls.version'],
    skip: ['tls.trusted', 'tls.hostname', 'tls.expiry', ...afterTls],
    says: /HANDSHAKE_FAILURE.*or it requires a client certificate/,
    advises: /--skip tls,endpoint,signature/,
  },
  {
    name: 'mutual TLS of nginx',
    deploy: answer(
      400,
      { 'Content-Type': 'text/html', Server: 'nginx' },
      '<html><head><title>400 No required SSL certificate was sent</title></head></html>',
    ),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /requires a client certificate/,
    advises: /--skip endpoint,signature/,
  },
  {
    name: 'TLS 1.1 only',
    deploy: deployCertificate(
      {},
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    ),
    fail: ['tls.version'],
    skip: afterTls,
    says: /TLS 1\.1 at most/,
  },
  {
    name: 'plain HTTP on the port',
    deploy: ({ onFinished }) =>
      tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), { onFinished }),
    fail: ['tls.version'],
    skip: ['tls.trusted', 'tls.hostname', 'tls.expiry', ...afterTls],
  },
  {
    name: 'redirect to another host',
    deploy: answer(302, { Location: 'https://sso.example.com/login?next=secret' }),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /redirects \(302\) to "https:\/\/sso\.example\.com\/login"/,
  },
  {
    name: 'redirect to a script',
    deploy: answer(302, { Location: 'javascript:alert(1)' }),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /redirects \(302\) to "javascript:…"$/,
  },
  {
    name: 'login page with 200',
    deploy: answer(200, { 'Content-Type': 'text/html' }, '<html><title>Sign in</title></html>'),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /login or challenge page.*"Sign in"/,
  },
  {
    name: 'login by HTTP authentication',
    deploy: answer(401, { 'WWW-Authenticate': 'Basic realm="intern"' }),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /login in front.*"Basic"/,
  },
  {
    name: 'bot check',
    deploy: answer(
      403,
      { 'cf-mitigated': 'challenge', 'Content-Type': 'text/html' },
      '<title>Just a moment</title>',
    ),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /bot check/,
  },
  {
    name: '404',
    deploy: answer(404),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /not enabled, not restarted, or the wrong path/,
  },
  {
    name: '405',
    deploy: answer(405),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /POST is not allowed/,
  },
  {
    name: '500',
    deploy: answer(500),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /500.*the server fails/,
  },
  {
    name: '502',
    deploy: answer(502),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /reaches no server/,
  },
  {
    name: 'challenge answered with the wrong body',
    deploy: deployEndpoint({ answerTo: () => '{"challenge":"another"}' }),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /its body is not the challenge/,
  },
  {
    name: 'healthy, but hides from unsigned requests',
    deploy: deployEndpoint({
      before: ({ headers }, response) => {
        if (headers['x-slack-signature'] !== undefined || headers['content-type'] === undefined) return false;
        response.writeHead(404).end();
        return true;
      },
    }),
  },
  {
    name: 'fails on what is not signed',
    deploy: deployEndpoint({
      before: ({ headers }, response) => {
        if (headers['x-slack-signature'] !== undefined || headers['content-type'] === undefined) return false;
        response.writeHead(500).end();
        return true;
      },
    }),
    warn: ['webhook.reachable', 'signature.rejects-unsigned'],
    says: /unsigned POST gets 500/,
  },
  {
    name: 'healthy, with a challenge as plain text and a scheme in its 401',
    deploy: deployEndpoint({
      answerTo: (challenge) => challenge,
      before: (_, response) => {
        response.setHeader('WWW-Authenticate', 'Slack-Signature');
        return false;
      },
    }),
  },
  {
    name: 'wrong secret',
    deploy: deployEndpoint({ signingSecret: randomBytes(16).toString('hex') }),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /SLACK_SECRET here is not what the deployment verifies with/,
  },
  {
    name: 'wrong secret, refused with 400',
    deploy: deployEndpoint({ signingSecret: randomBytes(16).toString('hex'), refusal: 400 }),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /rejected with 400: SLACK_SECRET here is not what the deployment verifies with/,
  },
  {
    name: 'a line break behind the deployed secret, refused with 400',
    deploy: async (scene) =>
      deployEndpoint({ signingSecret: `${scene.signingSecret}\n`, refusal: 400 })(scene),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /line break at its end/,
  },
  {
    name: 'client secret in the place of the signing secret',
    deploy: async (scene) => deployEndpoint({ signingSecret: scene.clientSecret })(scene),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /the value of SLACK_APP_CLIENT_SECRET here/,
  },
  {
    name: 'a line break behind the deployed secret',
    deploy: async (scene) => deployEndpoint({ signingSecret: `${scene.signingSecret}\n` })(scene),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /line break at its end/,
  },
  {
    name: 'a deployed secret that was encoded twice',
    deploy: async (scene) =>
      deployEndpoint({ signingSecret: Buffer.from(scene.signingSecret).toString('base64') })(scene),
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /is base64 of the value here/,
  },
  {
    name: 'answers without verifying',
    deploy: deployEndpoint({ lenient: () => true }),
    fail: [
      'signature.form',
      'signature.rejects-forged',
      'signature.rejects-unsigned',
      'signature.rejects-stale',
    ],
  },
  {
    name: 'answers challenges without verifying',
    deploy: deployEndpoint({ lenient: ({ headers }) => headers['content-type'] === 'application/json' }),
    fail: ['signature.rejects-forged', 'signature.rejects-unsigned', 'signature.rejects-stale'],
  },
  {
    name: 'accepts stale timestamps',
    deploy: deployEndpoint({ lenient: (_, reason) => reason === 'timestamp-stale' }),
    fail: ['signature.rejects-stale'],
    says: /10 minutes old is accepted/,
  },
  {
    name: 'accepts timestamps from the future',
    deploy: deployEndpoint({
      lenient: ({ headers }, reason) =>
        reason === 'timestamp-stale' && Number(headers['x-slack-request-timestamp']) > Date.now() / 1000,
    }),
    warn: ['signature.rejects-stale'],
    says: /10 minutes ahead is accepted/,
  },
  {
    name: 'form bodies re-encoded on the way',
    deploy: deployEndpoint({
      received: (body, type) =>
        type === 'application/json'
          ? body
          : Buffer.from(new URLSearchParams(body.toString('utf8')).toString()),
    }),
    fail: ['signature.form'],
    says: /although JSON passes/,
  },
  {
    name: 'clock off by ten minutes',
    deploy: deployEndpoint({ clockOffset: 600 }),
    fail: ['clock.skew'],
    skip: ['signature.challenge', ...afterChallenge],
    says: /10 minutes ahead of this machine's/,
  },
  {
    name: 'clock off by ten minutes behind a proxy whose own is right',
    deploy: deployEndpoint({
      clockOffset: -600,
      before: (_, response) => {
        response.removeHeader('Date');
        return false;
      },
    }),
    fail: ['clock.skew'],
    skip: ['signature.challenge', ...afterChallenge],
    says: /10 minutes behind this machine's/,
  },
  {
    name: '50 MB answer',
    deploy: answer(200, { 'Content-Type': 'application/json' }, 'x'.repeat(50_000_000)),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /longer than 64 KiB/,
  },
  {
    name: 'header flood',
    deploy: answer(
      200,
      Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`X-${n}`, 'y'.repeat(100)])),
    ),
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /response headers are too large/,
  },
  {
    name: 'not HTTP behind TLS',
    deploy: async ({ authority, onFinished }) => {
      const { createServer } = await import('node:tls');
      const identity = await authority.issue({ names: [host] });
      const inner = createServer({ key: identity.key, cert: identity.fullChain }, (socket) => {
        socket.on('error', () => undefined).end('220 mail.example.com ESMTP\r\n');
      });
      return tcpServer((socket) => inner.emit('connection', socket), { onFinished });
    },
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /the response is not HTTP/,
  },
  {
    name: 'one bad address of two',
    deploy: async ({ authority, signingSecret, onFinished }) => {
      const identity = await authority.issue({ names: [host] });
      const port = await httpsServer(identity, slackEndpoint({ signingSecret }), { onFinished });
      const dns = await dnsServer({ [host]: ['127.0.0.1', '127.0.0.2'] }, onFinished);
      return ['--connect-to', `${host}:443::${port}`, '--dns', dns];
    },
    fail: ['webhook.reachable'],
    skip: afterWebhook,
    says: /^127\.0\.0\.2 \(1 of 2 addresses\): connection refused$/,
  },
  {
    name: 'one of two addresses has the wrong secret',
    deploy: async ({ authority, signingSecret, onFinished }) => {
      const identity = await authority.issue({ names: [host] });
      const port = await httpsServer(identity, slackEndpoint({ signingSecret }), { onFinished });
      const other = slackEndpoint({ signingSecret: 'another one altogether' });
      await httpsServer(identity, other, { onFinished, address: '127.0.0.2', port });
      const dns = await dnsServer({ [host]: ['127.0.0.1', '127.0.0.2'] }, onFinished);
      return ['--connect-to', `${host}:443::${port}`, '--dns', dns];
    },
    fail: ['signature.challenge'],
    skip: afterChallenge,
    says: /^127\.0\.0\.2 \(1 of 2 addresses\): /,
  },
  {
    name: 'DNS name missing',
    deploy: async ({ onFinished }) => ['--dns', await dnsServer({}, onFinished)],
    fail: ['dns.resolves'],
    skip: ['dns.public', ...afterDns],
    says: /does not exist in DNS/,
  },
  {
    name: 'DNS name without an address',
    deploy: async ({ onFinished }) => ['--dns', await dnsServer({ [host]: [] }, onFinished)],
    fail: ['dns.resolves'],
    skip: ['dns.public', ...afterDns],
    says: /has no address/,
  },
  {
    name: 'DNS servers that fail',
    deploy: async ({ onFinished }) => ['--dns', await dnsServer({ [host]: 'SERVFAIL' }, onFinished)],
    fail: ['dns.resolves'],
    skip: ['dns.public', ...afterDns],
    says: /SERVFAIL/,
  },
  {
    name: 'DNS to a private address',
    deploy: async ({ onFinished }) => ['--dns', await dnsServer({ [host]: ['10.1.2.3'] }, onFinished)],
    fail: ['dns.public'],
    skip: afterDns,
    says: /10\.1\.2\.3 is private \(RFC 1918\)/,
  },
  {
    name: 'DNS to a public and a private address',
    deploy: async ({ onFinished }) => [
      '--dns',
      await dnsServer({ [host]: ['8.8.8.8', '10.1.2.3'] }, onFinished),
    ],
    fail: ['dns.public'],
    skip: afterDns,
    says: /10\.1\.2\.3 is private \(RFC 1918\) \(1 of 2 addresses\)/,
  },
];

// env.file-tracked runs git.
beforeEach((context) => need('git', context));

describe('doctor', () => {
  it.concurrent.for(scenarios)('$name', { timeout: 60_000 }, async (scenario, { expect, onTestFinished }) => {
    const { fail = [], says, advises } = scenario;
    const scene = await createScene(onTestFinished);
    const deployed = await scenario.deploy(scene);

    const { code, stdout, stderr, report, ids } = await examineAt(scene, deployed);

    const route =
      typeof deployed === 'number' ? 'connect-to' : deployed.includes('--connect-to') ? 'both' : 'dns';
    expect(endsBut(scenario, ids)).toEqual(allPassBut(scenario, route));
    const [worst] = ['fail', 'warn'].flatMap((status) =>
      report.checks.filter((one) => one.status === status),
    );
    if (says) expect(worst?.detail).toMatch(says);
    if (advises) expect(worst?.hint).toMatch(advises);
    const troubles = report.checks.filter(({ status }) => status === 'fail' || status === 'warn');
    expect(troubles.filter(({ hint }) => !hint)).toEqual([]);
    expect(report.ok).toBe(fail.length === 0);
    expect(code).toBe(fail.length === 0 ? 0 : 1);
    for (const secret of [scene.clientSecret, scene.signingSecret, 'v0=']) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});
