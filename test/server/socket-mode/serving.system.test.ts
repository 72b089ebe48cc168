import { describe, expect, it } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../../src/commands/serve/queue-limit.ts';
import type { ServerSettings } from '../../../src/server/server.ts';
import { type LocalSlack, localSlack } from '../../support/local-slack.ts';
import { startTestServer, type TestServer } from '../../support/serve.ts';
import { closedPort } from '../../support/tls-server.ts';
import { type Respond, startUpstream, type TestUpstream } from '../../support/upstream.ts';
import { commandPayload, eventPayload, interactionPayloads } from './payloads.ts';

interface Scene {
  readonly slack: LocalSlack;
  readonly server: TestServer;
  readonly token: string;
}

interface RelayScene extends Scene {
  readonly upstream: TestUpstream;
}

/** A server that reaches the local Slack by Socket Mode alone, with one connection that has said hello. */
async function start(more: Partial<ServerSettings> = {}, connections = 1): Promise<Scene> {
  const slack = await localSlack();
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
  const token = slack.workspace.addAppToken(app);
  const server = await startTestServer({
    listen: undefined,
    socketMode: { appToken: token, connections },
    slack: { url: slack.url, env: {} },
    ...more,
  });
  await slack.workspace.socketMode.hasConnections(1);
  return { slack, server, token };
}

async function startRelay(respond?: Respond, more: Partial<ServerSettings> = {}): Promise<RelayScene> {
  const upstream = await startUpstream(respond);
  const relay = {
    origin: upstream.url,
    host: undefined,
    ca: undefined,
    oauth: false,
    retain: 60_000,
    queueLimit,
  };
  return { upstream, ...(await start({ relay, ...more })) };
}

function relayToNowhere(port: number) {
  return {
    origin: `http://127.0.0.1:${port}`,
    host: undefined,
    ca: undefined,
    oauth: false,
    retain: 60_000,
    queueLimit,
  };
}

/** A payload whose `response_url` is one of the local Slack. */
function withResponseUrl<Payload extends object>(slack: LocalSlack, payload: Payload) {
  return { ...payload, response_url: `${slack.url}/actions/T1/1/response-url-secret` };
}

async function metric({ server }: Scene, name: string): Promise<string> {
  const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
  return (
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1) ?? 'none'
  );
}

describe('serve with Socket Mode', () => {
  it('answers a command as it does over HTTP, without a public listener', async () => {
    const scene = await start();
    expect(scene.server.server.address).toBeUndefined();
    const outcome = await scene.slack.workspace.socketMode.deliver({
      kind: 'command',
      payload: commandPayload,
    });
    expect(outcome).toMatchObject({
      kind: 'acknowledged',
      payload: { response_type: 'ephemeral', text: expect.stringContaining('not Spacelift') },
    });
    expect(await scene.server.log()).toContainEqual(
      expect.objectContaining({
        kind: 'command',
        who: 'T1/U1',
        what: '/spacelift',
        acknowledgement: 'payload',
        status: 200,
      }),
    );
  });

  it('stores an event once before it is acknowledged, however often it comes', async () => {
    const scene = await start();
    const { socketMode } = scene.slack.workspace;
    expect(await socketMode.deliver({ kind: 'event', payload: eventPayload })).toMatchObject({
      kind: 'acknowledged',
      payload: undefined,
    });
    const again = { kind: 'event', payload: eventPayload, retryAttempt: 1, retryReason: 'timeout' } as const;
    expect(await socketMode.deliver(again)).toMatchObject({ kind: 'acknowledged' });
    const lines = (await scene.server.log()).filter(({ kind }) => kind === 'event');
    expect(lines).toMatchObject([
      { eventId: 'Ev1', outcome: 'stored' },
      { eventId: 'Ev1', outcome: 'duplicate', retry: '1 (timeout)' },
    ]);
    expect(await metric(scene, 'spacelift_slack_requests_total{kind="event",status="200"}')).toBe('2');
  });

  it('does not acknowledge an event that cannot be stored', async () => {
    const scene = await start();
    const { socketMode } = scene.slack.workspace;
    socketMode.times = { ...socketMode.times, acknowledgement: 300 };
    scene.server.store.recordEvent = async () => {
      throw new Error('disk full');
    };
    await expect.poll(() => socketMode.connections.length, { timeout: 5_000 }).toBe(1);
    const connection = socketMode.connections[0];
    expect(await connection?.deliver({ kind: 'event', payload: eventPayload })).not.toMatchObject({
      kind: 'acknowledged',
    });
    expect(await scene.server.log()).toContainEqual(
      expect.objectContaining({ kind: 'event', outcome: 'not-stored', acknowledgement: 'none', status: 503 }),
    );
  });

  it('acknowledges and logs what it cannot read, without its content', async () => {
    const scene = await start();
    const [connection] = scene.slack.workspace.socketMode.connections;
    connection?.sendText('{"type":"workflow_steps","envelope_id":"e-1","payload":{"text":"content-secret"}}');
    connection?.sendText('{"type":"events_api","envelope_id":"e-2","payload":"content-secret"}');
    connection?.sendText('{"type":"events_api","envelope_id":"e-3","payload":{}}');
    connection?.sendText('content-secret');
    await expect.poll(async () => (await scene.server.log()).length).toBe(5);
    const log = await scene.server.log();
    expect(log).toContainEqual(expect.objectContaining({ type: 'workflow_steps', reason: 'unknown type' }));
    expect(log).toContainEqual(expect.objectContaining({ type: 'events_api', reason: 'no payload object' }));
    expect(log).toContainEqual(expect.objectContaining({ kind: 'other', what: 'unknown', status: 200 }));
    expect(log).toContainEqual(expect.objectContaining({ reason: 'not a JSON object' }));
    expect(await scene.server.logText()).not.toContain('content-secret');
    // The local Slack has not sent these as envelopes, and knows none of their ids.
    scene.slack.problems.length = 0;
  });

  it('acknowledges a payload over 1 MiB without handling it, and keeps the connection', async () => {
    const scene = await start();
    const { socketMode } = scene.slack.workspace;
    const payload = { ...commandPayload, text: 'x'.repeat(2 * 1024 * 1024) };
    expect(await socketMode.deliver({ kind: 'command', payload })).toMatchObject({
      kind: 'acknowledged',
      payload: undefined,
    });
    expect(await scene.server.log()).toContainEqual(
      expect.objectContaining({ what: 'slash_commands', status: 413, acknowledgement: 'empty' }),
    );
    expect(await socketMode.deliver({ kind: 'command', payload: commandPayload })).toMatchObject({
      kind: 'acknowledged',
    });
    expect(socketMode.timesWithoutConnection).toBe(0);
  });

  it('still accepts requests over HTTP where --listen is given', async () => {
    const scene = await start({ listen: { host: '127.0.0.1', port: 0 } });
    const response = await fetch(`${scene.server.url}/webhooks/slack`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });

  it('logs neither the token, nor the URL of a connection, nor a response_url', async () => {
    const scene = await start();
    const { socketMode } = scene.slack.workspace;
    await socketMode.deliver({ kind: 'command', payload: commandPayload });
    scene.slack.next('apps.connections.open', { refuse: 'invalid_auth' });
    socketMode.connections[0]?.cut();
    await expect.poll(async () => (await scene.server.logText()).includes('invalid_auth')).toBe(true);
    const log = await scene.server.logText();
    for (const secret of scene.slack.workspace.secrets) expect(log).not.toContain(secret);
    expect(log).not.toContain('response-url-secret');
    expect(log).not.toContain('ticket');
  });
});

describe('/readyz and /metrics with Socket Mode', () => {
  it('are ready with one connection that has said hello, and not without', async () => {
    const scene = await start();
    const ready = () => fetch(`${scene.server.adminUrl}/readyz`);
    await expect.poll(async () => (await ready()).status).toBe(200);
    expect(await metric(scene, 'spacelift_slack_socket_connections ')).toBe('1');
    scene.slack.workspace.socketMode.refusesConnections = true;
    scene.slack.workspace.socketMode.connections[0]?.cut();
    await expect.poll(async () => (await ready()).status).toBe(503);
    expect(await (await ready()).json()).toEqual({ status: 'no connection to Slack' });
    expect(await metric(scene, 'spacelift_slack_socket_connections ')).toBe('0');
    await expect
      .poll(() => metric(scene, 'spacelift_slack_socket_failed_attempts_total{reason="closed"}'))
      .not.toBe('none');
    scene.slack.workspace.socketMode.refusesConnections = false;
    await expect.poll(async () => (await ready()).status, { timeout: 15_000 }).toBe(200);
    expect(await metric(scene, 'spacelift_slack_socket_reconnections_total{reason="closed"}')).toBe('1');
  });

  it('count envelopes by type and acknowledgement, and tell the age of the last message', async () => {
    const scene = await start();
    const { socketMode } = scene.slack.workspace;
    await socketMode.deliver({ kind: 'command', payload: commandPayload });
    await socketMode.deliver({ kind: 'event', payload: eventPayload });
    const envelopes = 'spacelift_slack_socket_envelopes_total';
    await expect
      .poll(() => metric(scene, `${envelopes}{type="slash_commands",acknowledgement="payload"}`))
      .toBe('1');
    expect(await metric(scene, `${envelopes}{type="events_api",acknowledgement="empty"}`)).toBe('1');
    const age = Number(await metric(scene, 'spacelift_slack_socket_last_message_age_seconds'));
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(30);
  });
});

describe('what Slack refuses', () => {
  it.each([
    ['invalid_auth', 'app-level token with the scope connections:write'],
    ['not_allowed_token_type', 'another kind of token'],
    ['missing_scope', 'Add the scope connections:write'],
    ['socket_mode_not_enabled', 'Turn Socket Mode on'],
  ])('%s is reported once with what to do, and leaves the server not ready', async (error, hint) => {
    const slack = await localSlack({ steps: { 'apps.connections.open': Array(5).fill({ refuse: error }) } });
    const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
    const server = await startTestServer({
      listen: undefined,
      socketMode: { appToken: slack.workspace.addAppToken(app), connections: 2 },
      slack: { url: slack.url, env: {} },
    });
    const reports = async () => (await server.log()).filter(({ level }) => level === 'error');
    await expect.poll(async () => (await reports()).length).toBe(1);
    expect(await reports()).toMatchObject([
      {
        msg: 'cannot connect to Slack',
        reason: expect.stringContaining(error),
        hint: expect.stringContaining(hint),
      },
    ]);
    expect((await fetch(`${server.adminUrl}/readyz`)).status).toBe(503);
    expect(slack.calls('apps.connections.open')).toHaveLength(1);
  });

  it('too_many_websockets is reported with what to do', async () => {
    const slack = await localSlack();
    slack.workspace.socketMode.connectionsElsewhere = 10;
    const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
    const server = await startTestServer({
      listen: undefined,
      socketMode: { appToken: slack.workspace.addAppToken(app), connections: 1 },
      slack: { url: slack.url, env: {} },
    });
    await expect.poll(async () => (await server.logText()).includes('too_many_websockets')).toBe(true);
    expect(await server.log()).toContainEqual(
      expect.objectContaining({ level: 'error', hint: expect.stringContaining('10 connections') }),
    );
  });

  it('a switch to HTTP while connected is reported with what to do', async () => {
    const scene = await start();
    scene.slack.workspace.socketMode.disableLinks();
    await expect.poll(async () => (await scene.server.logText()).includes('Turn Socket Mode on')).toBe(true);
  });
});

describe('a relay with Socket Mode', () => {
  it('forwards a command with a valid signature, and returns the response as the acknowledgement', async () => {
    const { upstream, slack } = await startRelay((response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"response_type":"in_channel","text":"Grüße"}'),
    );
    const outcome = await slack.workspace.socketMode.deliver({ kind: 'command', payload: commandPayload });
    expect(outcome).toMatchObject({
      kind: 'acknowledged',
      payload: { response_type: 'in_channel', text: 'Grüße' },
    });
    const [request] = upstream.received;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/webhooks/slack',
      signatureIsValid: true,
      headers: {
        'content-type': ['application/x-www-form-urlencoded'],
        'user-agent': ['Slackbot 1.0 (+https://api.slack.com/robots)'],
        via: ['1.1 spacelift-slack'],
      },
    });
    expect(request?.headers['x-forwarded-for']).toBeUndefined();
    expect(new URLSearchParams(String(request?.body)).get('text')).toBe(commandPayload.text);
  });

  it('delivers an event from the queue, with the retry of its envelope', async () => {
    const { upstream, slack } = await startRelay();
    const event = { kind: 'event', payload: eventPayload, retryAttempt: 1, retryReason: 'timeout' } as const;
    expect(await slack.workspace.socketMode.deliver(event)).toMatchObject({ kind: 'acknowledged' });
    await upstream.hasReceived(1);
    expect(upstream.received[0]).toMatchObject({
      signatureIsValid: true,
      headers: { 'x-slack-retry-num': ['1'], 'x-slack-retry-reason': ['timeout'] },
    });
    expect(JSON.parse(String(upstream.received[0]?.body))).toEqual(eventPayload);
  });

  it.each(Object.keys(interactionPayloads) as (keyof typeof interactionPayloads)[])(
    'forwards %s to the byte',
    async (type) => {
      const { upstream, slack } = await startRelay();
      const payload = interactionPayloads[type];
      expect(await slack.workspace.socketMode.deliver({ kind: 'interaction', payload })).toMatchObject({
        kind: 'acknowledged',
        payload: undefined,
      });
      const form = new URLSearchParams(String(upstream.received[0]?.body));
      expect(JSON.parse(form.get('payload') ?? '')).toEqual(payload);
    },
  );

  it('says in the acknowledgement of a command that Spacelift cannot be reached', async () => {
    const { slack } = await start({ relay: relayToNowhere(await closedPort()) });
    const outcome = await slack.workspace.socketMode.deliver({ kind: 'command', payload: commandPayload });
    expect(outcome).toMatchObject({
      kind: 'acknowledged',
      payload: { text: expect.stringContaining('cannot be reached') },
    });
  });

  it('says so once, by the response_url, to who pressed a button', async () => {
    const { slack } = await start({ relay: relayToNowhere(await closedPort()) });
    const payload = withResponseUrl(slack, interactionPayloads.block_actions);
    for (const acceptsResponsePayload of [true, false]) {
      const outcome = await slack.workspace.socketMode.deliver({
        kind: 'interaction',
        payload,
        acceptsResponsePayload,
      });
      expect(outcome).toMatchObject({ kind: 'acknowledged', payload: undefined });
    }
    await expect.poll(() => slack.responseMessages.length).toBe(2);
    expect(slack.responseMessages[0]?.message).toMatchObject({
      replace_original: false,
      text: expect.stringContaining('cannot be reached'),
    });
  });

  it('sends the response to the response_url where Slack accepts no payload', async () => {
    const scene = await startRelay((response) => response.end('Hello'));
    const payload = withResponseUrl(scene.slack, commandPayload);
    const outcome = await scene.slack.workspace.socketMode.deliver({
      kind: 'command',
      payload,
      acceptsResponsePayload: false,
    });
    expect(outcome).toMatchObject({ kind: 'acknowledged', payload: undefined });
    await expect.poll(() => scene.slack.responseMessages).toMatchObject([{ message: { text: 'Hello' } }]);
    expect(await scene.server.log()).toContainEqual(expect.objectContaining({ acknowledgement: 'message' }));
  });

  it('warns of a response that reaches nobody', async () => {
    const scene = await startRelay((response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"response_action":"errors","errors":{}}'),
    );
    await scene.slack.workspace.socketMode.deliver({
      kind: 'interaction',
      payload: interactionPayloads.view_submission,
      acceptsResponsePayload: false,
    });
    expect(await scene.server.log()).toContainEqual(
      expect.objectContaining({ level: 'warn', acknowledgement: 'undeliverable' }),
    );
  });

  it('sends the response to the response_url where the connection has ended before', async () => {
    const answer: { finish?: () => void } = {};
    const scene = await startRelay((response) => {
      answer.finish = () => response.end('Done after all');
    });
    const payload = withResponseUrl(scene.slack, commandPayload);
    const outcome = scene.slack.workspace.socketMode.deliver({ kind: 'command', payload });
    await scene.upstream.hasReceived(1);
    scene.slack.workspace.socketMode.connections[0]?.cut();
    expect(await outcome).toEqual({ kind: 'cut' });
    await expect.poll(() => metric(scene, 'spacelift_slack_socket_connections ')).toBe('0');
    answer.finish?.();
    await expect
      .poll(() => scene.slack.responseMessages)
      .toMatchObject([{ message: { text: 'Done after all' } }]);
    expect(await scene.server.log()).toContainEqual(
      expect.objectContaining({ level: 'warn', acknowledgement: 'connection-ended' }),
    );
  });

  it('acknowledges within the 3 s of Slack whatever the upstream does', async () => {
    const { slack } = await startRelay(() => undefined);
    const outcome = await slack.workspace.socketMode.deliver({ kind: 'command', payload: commandPayload });
    expect(outcome).toMatchObject({
      kind: 'acknowledged',
      payload: { text: expect.stringContaining('did not respond in time') },
    });
  });

  it('acknowledges what is in flight when it is told to end, and accepts nothing more', async () => {
    const answers: (() => void)[] = [];
    const { slack, server, upstream } = await startRelay((response) => {
      answers.push(() => response.end('done'));
    });
    const { socketMode } = slack.workspace;
    socketMode.times = { ...socketMode.times, acknowledgement: 1_000 };
    const [connection] = socketMode.connections;
    const first = connection?.deliver({ kind: 'command', payload: commandPayload });
    await upstream.hasReceived(1);
    const stopped = server.stop();
    const second = connection?.deliver({ kind: 'command', payload: commandPayload });
    answers[0]?.();
    expect(await first).toMatchObject({ kind: 'acknowledged', payload: { text: 'done' } });
    expect(await second).toEqual({ kind: 'cut' });
    await stopped;
    expect(upstream.received).toHaveLength(1);
    expect(socketMode.connections).toHaveLength(0);
  });
});

describe('connections', () => {
  it('leave no moment without one at a refresh, nor where one of two is cut', async () => {
    const { slack } = await start({}, 2);
    const { socketMode } = slack.workspace;
    await socketMode.hasConnections(2);
    socketMode.connections[0]?.disconnect('refresh_requested');
    socketMode.connections[1]?.disconnect('warning');
    await expect.poll(() => socketMode.acceptedAt.length, { timeout: 10_000 }).toBe(4);
    await socketMode.hasConnections(2);
    socketMode.connections[0]?.cut();
    await expect.poll(() => socketMode.acceptedAt.length, { timeout: 10_000 }).toBe(5);
    await socketMode.hasConnections(2);
    expect(socketMode.timesWithoutConnection).toBe(0);
  });

  it('leave no moment without one where the only one is refreshed', async () => {
    const { slack } = await start();
    const { socketMode } = slack.workspace;
    socketMode.connections[0]?.disconnect('warning');
    await expect.poll(() => socketMode.acceptedAt.length, { timeout: 10_000 }).toBe(2);
    await socketMode.hasConnections(1);
    expect(socketMode.timesWithoutConnection).toBe(0);
  });

  it('of another program that uses the token are a warning', { timeout: 40_000 }, async () => {
    const slack = await localSlack();
    slack.workspace.socketMode.connectionsElsewhere = 1;
    const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
    const server = await startTestServer({
      listen: undefined,
      socketMode: { appToken: slack.workspace.addAppToken(app), connections: 1 },
      slack: { url: slack.url, env: {} },
    });
    await expect
      .poll(async () => (await server.logText()).includes('more connections'), { timeout: 30_000 })
      .toBe(true);
    expect(await server.log()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        counted: 2,
        hint: expect.stringContaining('SLACK_APP_TOKEN'),
      }),
    );
  });
});
