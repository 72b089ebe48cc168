import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket as NetSocket } from 'node:net';
import { buildConnector, Pool, ping, WebSocket } from 'undici';
import { proxyAgent } from '../../net/proxy-agent.ts';
import { fields } from '../fields.ts';

export interface SocketEvents {
  onMessage(text: string): void;
  /** Called whenever something was received: a message, a ping or a pong. */
  onHeard(): void;
  /**
   * Called once.
   *
   * @param cause the error behind it, where there is one
   */
  onClosed(cause: unknown): void;
}

export interface Socket {
  /** Returns false if the connection has ended, and nothing was sent. */
  send(text: string): boolean;
  ping(): void;
  /** Ends the connection with the closing handshake. */
  close(): void;
  /** Ends the connection at once, whatever the other end does. */
  destroy(): void;
}

/** Opens a WebSocket. Does not throw: a failure comes through `onClosed`. */
export type OpenSocket = (url: string, events: SocketEvents) => Socket;

const connectTimeLimit = 10_000;
/** Slack's payloads are far smaller. The limit protects the memory of this process. */
const maxMessageBytes = 16 * 1024 * 1024;

/**
 * Opens undici's WebSockets, through the proxy where there is one.
 *
 * Three things are not in undici's WebSocket API, only on its diagnostics channels: the pings that arrive, why a connection
 * failed, and the status with which a server declined the upgrade.
 */
export function webSocketOpener(env: Readonly<Record<string, string | undefined>>): OpenSocket {
  return (url, events) => {
    let raw: NetSocket | undefined;
    const connectTo = buildConnector({ timeout: connectTimeLimit });
    // A peer that is gone completes no closing handshake: only the socket below the WebSocket can be ended then.
    const connect: buildConnector.connector = (options, callback) =>
      connectTo(options, (...result) => {
        raw = result[1] ?? raw;
        callback(...result);
      });
    const dispatcher = proxyAgent(env, {
      connect,
      clientFactory: (origin) => new Pool(origin, { connect }),
      webSocket: { maxPayloadSize: maxMessageBytes },
    });
    const webSocket = new WebSocket(url, { dispatcher });

    let cause: unknown;
    const { pathname, search } = new URL(url);
    const isOurs = (message: unknown) => fields(fields(message)?.['request'])?.['path'] === pathname + search;
    const listeners = {
      'undici:request:error': (message: unknown) => {
        if (isOurs(message)) cause ??= fields(message)?.['error'];
      },
      'undici:request:headers': (message: unknown) => {
        if (!isOurs(message)) return;
        const status = fields(fields(message)?.['response'])?.['statusCode'];
        if (status !== 101) cause ??= new Error(`HTTP ${String(status)}`);
      },
      'undici:websocket:ping': (message: unknown) => {
        if (fields(message)?.['websocket'] === webSocket) events.onHeard();
      },
      'undici:websocket:pong': (message: unknown) => {
        if (fields(message)?.['websocket'] === webSocket) events.onHeard();
      },
    };
    for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);

    webSocket.addEventListener('message', ({ data }) => {
      events.onHeard();
      if (typeof data === 'string') events.onMessage(data);
    });
    webSocket.addEventListener('close', () => {
      for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
      void dispatcher.destroy();
      events.onClosed(cause);
    });

    return {
      send(text) {
        if (webSocket.readyState !== WebSocket.OPEN) return false;
        webSocket.send(text);
        return true;
      },
      ping() {
        if (webSocket.readyState === WebSocket.OPEN) ping(webSocket);
      },
      close: () => webSocket.close(1000),
      destroy() {
        webSocket.close();
        raw?.destroy();
      },
    };
  };
}
