import { describe, expect, it, onTestFinished } from 'vitest';
import { classifyFailure, describeFailure } from '../../../src/net/connection-failure.ts';
import { type Socket, webSocketOpener } from '../../../src/server/socket-mode/web-socket.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type LocalSlack, localSlack } from '../../support/local-slack.ts';
import { startRefusingProxy } from '../../support/refusing-proxy.ts';
import { closedPort, tcpServer } from '../../support/tls-server.ts';

const limit = { timeout: 10_000 };

/** A WebSocket to the local Slack, with what it has brought so far. */
function open(url: string, env: Readonly<Record<string, string>> = {}) {
  const messages: string[] = [];
  let heard = 0;
  let cause: unknown;
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const check of waiting) check();
  };
  let isClosed = false;
  const socket: Socket = webSocketOpener(env)(url, {
    onMessage: (text) => {
      messages.push(text);
      changed();
    },
    onHeard: () => {
      heard += 1;
      changed();
    },
    onClosed: (error) => {
      isClosed = true;
      cause = error;
      changed();
    },
  });
  onTestFinished(() => socket.destroy());
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (condition()) resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    messages,
    heard: () => heard,
    until,
    /** Resolves with why it ended. */
    ended: async () => {
      await until(() => isClosed);
      const failure = classifyFailure(cause);
      return failure ? describeFailure(failure) : cause instanceof Error ? cause.message : cause;
    },
  };
}

function urlOf(slack: LocalSlack): string {
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
  return slack.workspace.socketMode.issueUrl(app.id);
}

describe('webSocketOpener', () => {
  it('brings messages, and sends acknowledgements until the connection has ended', limit, async () => {
    const slack = await localSlack();
    const { socket, messages, until, ended } = open(urlOf(slack));
    await until(() => messages.length === 1);
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ type: 'hello', num_connections: 1 });
    const outcome = slack.workspace.socketMode.deliver({ kind: 'command', payload: { text: 'é' } });
    await until(() => messages.length === 2);
    const { envelope_id } = JSON.parse(messages[1] ?? '');
    expect(socket.send(JSON.stringify({ envelope_id, payload: { text: 'ü' } }))).toBe(true);
    expect(await outcome).toMatchObject({ kind: 'acknowledged', payload: { text: 'ü' } });
    slack.workspace.socketMode.connections[0]?.close();
    expect(await ended()).toBeUndefined();
    expect(socket.send('{}')).toBe(false);
  });

  it('hears pings, pongs and messages', limit, async () => {
    const slack = await localSlack();
    slack.workspace.socketMode.times = { ...slack.workspace.socketMode.times, pingInterval: 50 };
    const { socket, heard, until } = open(urlOf(slack));
    await until(() => heard() >= 3);
    slack.workspace.socketMode.times = { ...slack.workspace.socketMode.times, pingInterval: 60_000 };
    const other = open(urlOf(slack));
    await other.until(() => other.heard() === 1);
    other.socket.ping();
    await other.until(() => other.heard() === 2);
    socket.close();
  });

  it('takes an envelope over 1 MiB, and stays open', limit, async () => {
    const slack = await localSlack();
    const { socket, messages, until } = open(urlOf(slack));
    await until(() => messages.length === 1);
    const payload = { text: 'x'.repeat(3 * 1024 * 1024) };
    const outcome = slack.workspace.socketMode.deliver({ kind: 'command', payload });
    await until(() => messages.length === 2);
    expect(JSON.parse(messages[1] ?? '').payload).toEqual(payload);
    expect(socket.send(JSON.stringify({ envelope_id: JSON.parse(messages[1] ?? '').envelope_id }))).toBe(
      true,
    );
    expect(await outcome).toMatchObject({ kind: 'acknowledged' });
  });

  it('ends a connection at once whose other end is gone', limit, async () => {
    const slack = await localSlack();
    const { socket, messages, until, ended } = open(urlOf(slack));
    await until(() => messages.length === 1);
    slack.workspace.socketMode.connections[0]?.freeze();
    socket.close();
    socket.destroy();
    await ended();
  });

  it('reports why no connection was made', limit, async () => {
    const port = await closedPort();
    expect(await open(`ws://127.0.0.1:${port}/link/`).ended()).toBe('connection refused');
    const slack = await localSlack();
    slack.workspace.socketMode.refusesConnections = true;
    expect(await open(urlOf(slack)).ended()).toBe('HTTP 503');
    expect(await open('wss://spacelift-slack.invalid/link/').ended()).toMatch(
      /does not resolve|DNS lookup failed/,
    );
    const silent = await tcpServer((socket) => socket.end('not HTTP'));
    expect(await open(`ws://127.0.0.1:${silent}/link/`).ended()).toBe('the response is not HTTP');
  });

  it('goes through the proxy, but not to hosts in NO_PROXY', limit, async () => {
    const slack = await localSlack();
    const proxy = await startConnectProxy();
    const proxied = open(urlOf(slack), { HTTP_PROXY: proxy.url });
    await proxied.until(() => proxied.messages.length === 1);
    expect(proxy.tunnels).toEqual([`127.0.0.1:${slack.port}`]);
    // Destroyed, it is gone at the other side of the proxy too.
    proxied.socket.destroy();
    await slack.workspace.socketMode.hasConnections(0);
    const direct = open(urlOf(slack), { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
    await direct.until(() => direct.messages.length === 1);
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('says that the proxy refuses', limit, async () => {
    const proxy = await startRefusingProxy();
    const ended = await open('wss://wss-primary.slack.com/link/', {
      HTTPS_PROXY: `http://${proxy.address}`,
    }).ended();
    expect(ended).toBe('the proxy refused the connection (HTTP 502)');
    expect(proxy.tunnels).toEqual(['wss-primary.slack.com:443']);
  });
});
