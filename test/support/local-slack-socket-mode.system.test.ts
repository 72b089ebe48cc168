import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalSlack, localSlack } from './local-slack.ts';

const limit = { timeout: 10_000 };

async function slackWithApp(socketMode = true) {
  const slack = await localSlack();
  slack.workspace.socketMode.times = { ...slack.workspace.socketMode.times, acknowledgement: 200 };
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: socketMode } });
  return { slack, app, token: slack.workspace.addAppToken(app) };
}

async function openUrl(slack: LocalSlack, token: string | undefined, body = '') {
  const response = await fetch(`${slack.url}/api/apps.connections.open`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
  });
  return (await response.json()) as { ok: boolean; url?: string; error?: string };
}

/** A client with what it has received; it resolves when its connection is open or was declined. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  const messages: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    for (const check of waiting) check();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const has = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => messages.length >= count && resolve();
      waiting.add(check);
      check();
    });
  await new Promise<void>((resolve) => socket.on('open', resolve).on('error', () => resolve()));
  return { socket, messages, closed, has };
}

async function connectApp(slack: LocalSlack, token: string) {
  const { url = '' } = await openUrl(slack, token);
  const client = await connect(url);
  await client.has(1);
  return client;
}

/** Takes out the problems that the test means to cause. */
function takeProblems(slack: LocalSlack): string {
  return slack.problems.splice(0).join('\n');
}

describe('apps.connections.open', () => {
  it('gives a URL for an app-level token, and refuses every other', limit, async () => {
    const { slack, app, token } = await slackWithApp();
    expect(await openUrl(slack, token)).toMatchObject({ ok: true, url: expect.stringMatching(/^ws:/) });
    const bot = slack.workspace.addBotToken(app);
    expect(await openUrl(slack, bot)).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await openUrl(slack, 'xapp-1-A1-1-f')).toMatchObject({ error: 'invalid_auth' });
    const narrow = slack.workspace.addAppToken(app, 'authorizations:read');
    expect(await openUrl(slack, narrow)).toMatchObject({ error: 'missing_scope' });
    const off = await slackWithApp(false);
    expect(await openUrl(off.slack, off.token)).toMatchObject({ error: 'socket_mode_not_enabled' });
  });

  it('does not take the token in the body', limit, async () => {
    const { slack, token } = await slackWithApp();
    expect(await openUrl(slack, undefined, `token=${token}`)).toMatchObject({ ok: false });
    expect(takeProblems(slack)).toContain('unknown argument token');
  });
});

describe('a WebSocket', () => {
  it('says hello with the number of connections, and pings', limit, async () => {
    const { slack, app, token } = await slackWithApp();
    slack.workspace.socketMode.times = { ...slack.workspace.socketMode.times, pingInterval: 50 };
    const first = await connectApp(slack, token);
    const second = await connectApp(slack, token);
    expect(first.messages[0]).toMatchObject({ type: 'hello', num_connections: 1 });
    expect(second.messages[0]).toMatchObject({ num_connections: 2, connection_info: { app_id: app.id } });
    await new Promise((resolve) => second.socket.once('ping', resolve));
  });

  it('has a URL that is good for one connection', limit, async () => {
    const { slack, token } = await slackWithApp();
    const { url = '' } = await openUrl(slack, token);
    const first = await connect(url);
    await first.has(1);
    const second = await connect(url);
    await second.closed;
    expect(takeProblems(slack)).toContain('used twice');
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('is one of ten at most', limit, async () => {
    const { slack, token } = await slackWithApp();
    for (let count = 0; count < 10; count++) await connectApp(slack, token);
    const eleventh = await connectApp(slack, token);
    expect(eleventh.messages[0]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    await eleventh.closed;
  });

  it('ends after its warning, and at once when Socket Mode is switched off', limit, async () => {
    const { slack, token } = await slackWithApp();
    const warned = await connectApp(slack, token);
    slack.workspace.socketMode.connections[0]?.disconnect('warning', 50);
    await warned.has(2);
    expect(warned.messages[1]).toMatchObject({ type: 'disconnect', reason: 'warning' });
    await warned.closed;
    const disabled = await connectApp(slack, token);
    slack.workspace.socketMode.disableLinks();
    await disabled.closed;
    expect(disabled.messages[1]).toMatchObject({ reason: 'link_disabled' });
    await slack.workspace.socketMode.hasConnections(0);
    expect(slack.workspace.socketMode.timesWithoutConnection).toBe(2);
  });
});

describe('an envelope', () => {
  it('goes to any of the connections, and is acknowledged once, on its own', limit, async () => {
    const { slack, token } = await slackWithApp();
    const clients = [await connectApp(slack, token), await connectApp(slack, token)];
    for (const { socket, messages } of clients) {
      socket.on('message', () => {
        const { envelope_id } = messages.at(-1) ?? {};
        socket.send(JSON.stringify({ envelope_id, payload: { text: 'ok' } }));
      });
    }
    for (let count = 0; count < 40; count++) {
      const outcome = await slack.workspace.socketMode.deliver({ kind: 'command', payload: { count } });
      expect(outcome).toMatchObject({ kind: 'acknowledged', payload: { text: 'ok' } });
    }
    for (const { messages } of clients) expect(messages.length).toBeGreaterThan(1);
  });

  it('is sent again with a count where it is not acknowledged in time', limit, async () => {
    const { slack, token } = await slackWithApp();
    const { socket, messages } = await connectApp(slack, token);
    socket.on('message', () => {
      const { envelope_id, retry_attempt } = messages.at(-1) ?? {};
      if (retry_attempt === 2) socket.send(JSON.stringify({ envelope_id }));
    });
    const outcome = await slack.workspace.socketMode.deliverEvent({ type: 'event_callback' });
    expect(outcome).toMatchObject({ kind: 'acknowledged', attempts: 3 });
    expect(messages.slice(1)).toMatchObject([
      { type: 'events_api', retry_attempt: 0, retry_reason: '', accepts_response_payload: false },
      { retry_attempt: 1, retry_reason: 'timeout' },
      { retry_attempt: 2 },
    ]);
  });

  it.each([
    ['twice', 'command', (id: unknown) => [{ envelope_id: id }, { envelope_id: id }], 'acknowledged twice'],
    ['by another id', 'command', () => [{ envelope_id: 'x' }], 'unknown envelope_id'],
    [
      'with a payload that is not accepted',
      'event',
      (id: unknown) => [{ envelope_id: id, payload: {} }],
      'none is accepted',
    ],
    [
      'with a text',
      'command',
      (id: unknown) => [{ envelope_id: id, payload: 'x' }],
      'payload that is not an object',
    ],
    ['with more', 'command', (id: unknown) => [{ envelope_id: id, ok: true }], 'acknowledgement with ok'],
  ] as const)('takes note of an acknowledgement %s', limit, async (_, kind, replies, problem) => {
    const { slack, token } = await slackWithApp();
    const { socket, messages, has } = await connectApp(slack, token);
    const outcome = slack.workspace.socketMode.deliver({ kind, payload: {} });
    await has(2);
    for (const reply of replies(messages[1]?.['envelope_id'])) socket.send(JSON.stringify(reply));
    await outcome;
    await expect.poll(() => slack.problems.join('\n')).toContain(problem);
    slack.problems.length = 0;
  });

  it('is cut off with its connection', limit, async () => {
    const { slack, token } = await slackWithApp();
    const { socket, has } = await connectApp(slack, token);
    const outcome = slack.workspace.socketMode.deliver({ kind: 'command', payload: {} });
    await has(2);
    socket.terminate();
    expect(await outcome).toEqual({ kind: 'cut' });
    expect(await slack.workspace.socketMode.deliver({ kind: 'command', payload: {} })).toEqual({
      kind: 'no connection',
    });
  });
});
