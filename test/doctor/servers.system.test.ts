import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { App, ExpressReceiver, HTTPReceiver, type Logger, LogLevel } from '@slack/bolt';
import { beforeEach, describe, it, vi } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../src/commands/serve/queue-limit.ts';
import { createSlackApi } from '../../src/slack/api/web-api.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Identity } from '../support/certificate-authority.ts';
import {
  allPassBut,
  checkIds,
  createScene,
  endsBut,
  examineAt,
  find,
  host,
  type Scene,
} from '../support/examination.ts';
import { need } from '../support/need.ts';
import { startNginx } from '../support/nginx.ts';
import { startTestServer } from '../support/serve.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { closedPort, tcpServer } from '../support/tls-server.ts';

// Whole servers: Slack's own framework, alone and behind nginx, and the one of this project.

const afterWebhook = checkIds.filter((id) => /^(webhook\.latency|clock|oauth|signature)/.test(id));
const afterChallenge = ['signature.form', 'signature.rejects-stale'] as const;
// Bolt takes timestamps from the future.
const soundBolt = { warn: ['signature.rejects-stale'] } as const;
const wrongSecret = { fail: ['signature.challenge'], skip: afterChallenge } as const;

// env.file-tracked runs git.
beforeEach((context) => need('git', context));

const receivers = { HTTPReceiver, ExpressReceiver };
type ReceiverName = keyof typeof receivers;

/** What the doctor sends on purpose would fill the log. */
const silence: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** Bolt with the endpoints where Spacelift has them; over plain HTTP where no certificate is given. */
async function startBolt(
  name: ReceiverName,
  { clientId, clientSecret, onFinished }: Scene,
  signingSecret: string,
  identity?: Identity,
): Promise<number> {
  const port = await closedPort();
  const receiver = new receivers[name]({
    signingSecret,
    endpoints: '/webhooks/slack',
    clientId,
    clientSecret,
    stateSecret: 'a secret for the state of installations',
    scopes: ['commands'],
    installerOptions: { redirectUriPath: '/slack_oauth' },
    logger: silence,
  });
  const app = new App({ receiver, logger: silence });
  await receiver.start(port, identity ? { key: identity.key, cert: identity.fullChain } : {});
  onFinished(async () => {
    await app.stop();
  });
  return port;
}

describe.each(['HTTPReceiver', 'ExpressReceiver'] as const)('bolt’s %s behind TLS', (name) => {
  it.concurrent('with the right secret', { timeout: 60_000 }, async ({ expect, onTestFinished }) => {
    const scene = await createScene(onTestFinished);
    const identity = await scene.authority.issue({ names: [host] });
    const { code, ids } = await examineAt(scene, await startBolt(name, scene, scene.signingSecret, identity));
    expect(endsBut(soundBolt, ids)).toEqual(allPassBut(soundBolt, 'connect-to'));
    expect(code).toBe(0);
  });

  it.concurrent('with a wrong secret', { timeout: 60_000 }, async ({ expect, onTestFinished }) => {
    const scene = await createScene(onTestFinished);
    const identity = await scene.authority.issue({ names: [host] });
    const other = randomBytes(16).toString('hex');
    const { code, ids } = await examineAt(scene, await startBolt(name, scene, other, identity));
    expect(endsBut(wrongSecret, ids)).toEqual(allPassBut(wrongSecret, 'connect-to'));
    expect(code).toBe(1);
  });
});

describe('nginx in front of bolt’s HTTPReceiver', () => {
  const toBolt = async (scene: Scene, secret = scene.signingSecret) =>
    `proxy_pass http://127.0.0.1:${await startBolt('HTTPReceiver', scene, secret)};`;
  const cases = [
    { name: 'right secret', location: (scene: Scene) => toBolt(scene), expected: soundBolt },
    {
      name: 'wrong secret',
      location: (scene: Scene) => toBolt(scene, randomBytes(16).toString('hex')),
      expected: wrongSecret,
    },
    {
      name: 'server gone',
      location: async () => `proxy_pass http://127.0.0.1:${await closedPort()};`,
      expected: { fail: ['webhook.reachable'], skip: afterWebhook },
    },
    {
      name: 'a login in front',
      location: async (scene: Scene) =>
        `auth_basic "intern"; auth_basic_user_file ${scene.cwd}/.env; ${await toBolt(scene)}`,
      expected: { fail: ['webhook.reachable'], skip: afterWebhook },
    },
    {
      name: 'another path than Spacelift’s',
      location: async (scene: Scene) => (await toBolt(scene)).replace(/;$/, '/slack/;'),
      expected: { fail: ['webhook.reachable'], skip: afterWebhook },
    },
    {
      name: 'a redirect',
      location: async () => 'return 301 https://www.example.com$request_uri;',
      expected: { fail: ['webhook.reachable'], skip: afterWebhook },
    },
    {
      name: 'a plain file server',
      location: async () => 'root /nonexistent;',
      expected: { fail: ['webhook.reachable'], skip: afterWebhook },
    },
  ] as const;

  it.concurrent.for(cases)('$name', { timeout: 60_000 }, async (each, context) => {
    const { expect, onTestFinished } = context;
    const program = await need('nginx', context);
    const scene = await createScene(onTestFinished);
    const port = await startNginx({
      program,
      identity: await scene.authority.issue({ names: [host] }),
      location: await each.location(scene),
      onFinished: onTestFinished,
    });
    const { code, ids } = await examineAt(scene, port);
    expect(endsBut(each.expected, ids)).toEqual(allPassBut(each.expected, 'connect-to'));
    expect(code).toBe('fail' in each.expected ? 1 : 0);
  });
});

describe('serve of this project, behind TLS', () => {
  it.concurrent.for([
    ['the right secret', (scene: Scene) => scene.signingSecret, {}],
    ['a wrong secret', () => 'another secret altogether', wrongSecret],
  ] as const)('with %s', { timeout: 60_000 }, async ([, secretOf, expected], { expect, onTestFinished }) => {
    const scene = await createScene(onTestFinished);
    const { clientId, clientSecret, cwd } = scene;
    const store = await openSqliteStore(join(cwd, 'serve.db'), undefined);
    const { port } = await startTestServer(
      {
        signingSecrets: [secretOf(scene)],
        store,
        oauth: {
          clientId,
          clientSecret,
          scopes: ['commands'],
          redirectUri: undefined,
          slack: createSlackApi({ url: scene.slack.url, env: {} }),
        },
      },
      onTestFinished,
    );
    const { code, ids } = await examineAt(scene, await terminateTls(scene, port));
    expect(endsBut(expected, ids)).toEqual(allPassBut(expected, 'connect-to'));
    expect(code).toBe('fail' in expected ? 1 : 0);
  });
});

describe('the relay of this project, behind TLS', () => {
  /** A relay of the upstream on this port; without one it is its own upstream. */
  const startRelay = async (scene: Scene, upstreamPort?: number) => {
    const port = await closedPort();
    const relay = await startTestServer(
      {
        listen: { host: '127.0.0.1', port },
        signingSecrets: [scene.signingSecret],
        store: await openSqliteStore(join(scene.cwd, 'relay.db'), undefined),
        relay: {
          origin: `http://127.0.0.1:${upstreamPort ?? port}`,
          host: undefined,
          ca: undefined,
          oauth: false,
          retain: 1,
          queueLimit,
        },
      },
      scene.onFinished,
    );
    return { log: relay.log, port: await terminateTls(scene, port) };
  };
  // Browsers go to Spacelift itself.
  const withoutOauth = ['--skip', 'oauth.reachable'];
  const formFails = { fail: ['signature.form'], skip: ['oauth.reachable'] } as const;

  it.concurrent('fails for its forms alone if Spacelift is down', { timeout: 60_000 }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const { port } = await startRelay(scene, await closedPort());
    const { code, ids, report } = await examineAt(scene, port, withoutOauth);
    expect(endsBut(formFails, ids)).toEqual(allPassBut(formFails, 'connect-to'));
    expect(find(report, 'signature.form')).toMatchObject({
      detail: expect.stringMatching(/Spacelift behind it gives no usable response: 503$/),
      hint: expect.stringContaining('Start Spacelift'),
    });
    expect(code).toBe(1);
  });

  it.concurrent('fails if its upstream is the relay itself', { timeout: 60_000 }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const { port } = await startRelay(scene);
    const { code, ids, report } = await examineAt(scene, port, withoutOauth);
    expect(endsBut(formFails, ids)).toEqual(allPassBut(formFails, 'connect-to'));
    expect(find(report, 'signature.form').detail).toMatch(/comes back to the relay that forwards it: 508$/);
    expect(code).toBe(1);
  });

  it.concurrent('is waited for with --wait until Spacelift is up', { timeout: 60_000 }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const upstreamPort = await closedPort();
    const { log, port } = await startRelay(scene, upstreamPort);
    const examined = examineAt(scene, port, [...withoutOauth, '--wait', '50s']);
    const isNotForwarded = async () =>
      expect(await log()).toContainEqual(expect.objectContaining({ outcome: 'not-forwarded' }));
    await vi.waitFor(isNotForwarded, { timeout: 20_000 });
    const spacelift = createServer(slackEndpoint(scene)).listen(upstreamPort, '127.0.0.1');
    onTestFinished(() => {
      spacelift.closeAllConnections();
      spacelift.close();
    });
    const { code, ids } = await examined;
    const passes = { skip: ['oauth.reachable'] } as const;
    expect(endsBut(passes, ids)).toEqual(allPassBut(passes, 'connect-to'));
    expect(code).toBe(0);
  });
});

/** A load balancer that only takes TLS off. */
async function terminateTls({ authority, onFinished }: Scene, port: number): Promise<number> {
  const { key, fullChain: cert } = await authority.issue({ names: [host] });
  const inner = createTlsServer({ key, cert }, (socket) => {
    const onward = connect(port, '127.0.0.1');
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  return tcpServer((socket) => inner.emit('connection', socket), { onFinished });
}
