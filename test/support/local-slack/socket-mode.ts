import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Json } from './manifest-rules.ts';

/** The times that Slack keeps, in milliseconds. */
export interface SocketModeTimes {
  /** How long Slack waits for an acknowledgement. */
  readonly acknowledgement: number;
  readonly pingInterval: number;
  /** How long an unused URL is valid. */
  readonly ticketLifetime: number;
  /** From `warning` to the end of the connection. */
  readonly warning: number;
}

const slackTimes: SocketModeTimes = {
  acknowledgement: 3_000,
  pingInterval: 1_000,
  ticketLifetime: 30_000,
  warning: 10_000,
};

/** As many WebSockets as Slack allows an app. */
const maxConnections = 10;
const envelopeTypes = {
  event: 'events_api',
  command: 'slash_commands',
  interaction: 'interactive',
} as const;

type PayloadKind = keyof typeof envelopeTypes;

export interface Envelope {
  readonly kind: PayloadKind;
  readonly payload: unknown;
  /** By default only events take no response payload. */
  readonly acceptsResponsePayload?: boolean;
  /** 0 for the first delivery. */
  readonly retryAttempt?: number;
  readonly retryReason?: string;
}

/** What became of one envelope on one connection. */
export type Outcome =
  | {
      readonly kind: 'acknowledged';
      readonly afterMs: number;
      readonly payload: Json | undefined;
      readonly attempts: number;
    }
  | { readonly kind: 'unacknowledged' }
  /** The connection ended before the acknowledgement came. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'no connection' };

interface Pending {
  readonly acceptsResponsePayload: boolean;
  readonly sentAt: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly timer: NodeJS.Timeout;
}

/** One WebSocket of an app, from Slack's end. */
export class SlackConnection {
  readonly appId: string;
  readonly #socket: WebSocket;
  readonly #times: SocketModeTimes;
  readonly #problem: (text: string) => void;
  readonly #pending = new Map<string, Pending>();
  readonly #settled = new Set<string>();
  /** The envelopes that were not acknowledged in time. */
  readonly #expired = new Set<string>();
  readonly #pings: NodeJS.Timeout;
  #answersPings = true;
  #frozen = false;

  constructor(socket: WebSocket, appId: string, times: SocketModeTimes, problem: (text: string) => void) {
    this.appId = appId;
    this.#socket = socket;
    this.#times = times;
    this.#problem = problem;
    this.#pings = setInterval(() => this.#ping(), times.pingInterval);
    socket.on('pong', () => {
      this.#answersPings = true;
    });
    socket.on('message', (data, isBinary) => {
      if (!this.#frozen) this.#receive(String(data), isBinary);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(this.#pings);
      for (const pending of this.#pending.values()) {
        clearTimeout(pending.timer);
        pending.resolve({ kind: 'cut' });
      }
      this.#pending.clear();
    });
  }

  /** Sends an envelope and waits for its acknowledgement. */
  deliver({
    kind,
    payload,
    acceptsResponsePayload = kind !== 'event',
    retryAttempt = 0,
    retryReason = '',
  }: Envelope): Promise<Outcome> {
    const id = randomUUID();
    const retry = kind === 'event' ? { retry_attempt: retryAttempt, retry_reason: retryReason } : {};
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        this.#expired.add(id);
        resolve({ kind: 'unacknowledged' });
      }, this.#times.acknowledgement);
      this.#pending.set(id, { acceptsResponsePayload, sentAt: performance.now(), resolve, timer });
      this.sendText(
        JSON.stringify({
          envelope_id: id,
          payload,
          type: envelopeTypes[kind],
          accepts_response_payload: acceptsResponsePayload,
          ...retry,
        }),
      );
    });
  }

  /** Sends any text, such as a message that Slack has yet to invent. */
  sendText(text: string): void {
    if (!this.#frozen) this.#socket.send(text);
  }

  /** Says that the connection is about to end, and ends it when the time is up. */
  disconnect(reason: string, afterMs = this.#times.warning): void {
    this.sendText(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-local' } }));
    setTimeout(() => this.close(), afterMs).unref();
  }

  /** Ends the connection as Slack does, with the closing handshake. */
  close(): void {
    this.#socket.close(1000);
  }

  /** Breaks the connection off without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  /** From now on nothing comes from this end, and nothing is heard, but the connection stays. */
  freeze(): void {
    this.#frozen = true;
    this.#socket.pause();
  }

  #ping(): void {
    if (this.#frozen) return;
    if (!this.#answersPings) {
      this.#problem('a connection does not answer pings');
      this.cut();
      return;
    }
    this.#answersPings = false;
    this.#socket.ping();
  }

  #receive(text: string, isBinary: boolean): void {
    const message = isBinary ? undefined : parseObject(text);
    const { envelope_id: id, payload, ...more } = message ?? {};
    if (Object.keys(more).length > 0) this.#problem(`an acknowledgement with ${Object.keys(more).join()}`);
    if (typeof id !== 'string') {
      this.#problem('a message that is no acknowledgement');
      return;
    }
    const pending = this.#pending.get(id);
    if (!pending) {
      // Late is bad luck. Twice is a mistake, and so is an acknowledgement of another connection's envelope.
      if (this.#expired.delete(id)) return;
      this.#problem(this.#settled.has(id) ? 'an envelope acknowledged twice' : 'an unknown envelope_id');
      return;
    }
    this.#pending.delete(id);
    this.#settled.add(id);
    clearTimeout(pending.timer);
    if (payload !== undefined) {
      if (!pending.acceptsResponsePayload) this.#problem('a payload where none is accepted');
      if (typeof payload !== 'object' || payload === null) this.#problem('a payload that is not an object');
    }
    const afterMs = performance.now() - pending.sentAt;
    pending.resolve({ kind: 'acknowledged', afterMs, payload, attempts: 1 });
  }
}

/** Socket Mode of the local Slack: URLs that work once, up to ten connections, and envelopes to any of them. */
export class SocketMode {
  /** Where the WebSockets are, such as `ws://127.0.0.1:1234`. */
  origin = '';
  times = slackTimes;
  /** While true, Slack accepts no new WebSocket. */
  refusesConnections = false;
  /** While true, `hello` is never sent. */
  withholdsHello = false;
  /** WebSockets that are connected for some other program with the same token. */
  connectionsElsewhere = 0;
  /** How often the last connection of an app ended. */
  timesWithoutConnection = 0;
  /** How many connections have been accepted so far, and when, by `performance.now()`. */
  readonly acceptedAt: number[] = [];
  /** Every attempt to connect, refused ones included, by `performance.now()`. */
  readonly attemptsAt: number[] = [];
  /** Tickets that were issued: each is a secret while it is valid. */
  readonly tickets = new Map<string, { readonly appId: string; readonly issuedAt: number; used: boolean }>();
  readonly #connections = new Set<SlackConnection>();
  readonly #problem: (text: string) => void;
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  readonly #changed = new Set<() => void>();

  constructor(problem: (text: string) => void) {
    this.#problem = (text) => problem(`Socket Mode: ${text}`);
  }

  /** The open connections that have been greeted, oldest first. */
  get connections(): readonly SlackConnection[] {
    return [...this.#connections];
  }

  /** A URL that is good for one connection. */
  issueUrl(appId: string): string {
    const ticket = randomBytes(16).toString('hex');
    this.tickets.set(ticket, { appId, issuedAt: Date.now(), used: false });
    return `${this.origin}/link/?ticket=${ticket}&app_id=${appId}`;
  }

  /** Resolves when there are that many connections. */
  async hasConnections(count: number): Promise<void> {
    while (this.#connections.size !== count) {
      await new Promise<void>((resolve) => this.#changed.add(resolve));
    }
  }

  /** Sends an envelope to any of the connections, once. */
  async deliver(envelope: Envelope): Promise<Outcome> {
    const connections = this.connections;
    const connection = connections[randomInt(Math.max(1, connections.length))];
    return connection ? connection.deliver(envelope) : { kind: 'no connection' };
  }

  /** Sends an event, again and again until it is acknowledged. */
  async deliverEvent(payload: unknown, maxAttempts = 4, pauseMs = 0): Promise<Outcome> {
    for (let attempt = 0; ; attempt++) {
      const retryReason = attempt === 0 ? '' : 'timeout';
      const outcome = await this.deliver({ kind: 'event', payload, retryAttempt: attempt, retryReason });
      if (outcome.kind === 'acknowledged') return { ...outcome, attempts: attempt + 1 };
      if (attempt + 1 >= maxAttempts) return outcome;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Switches Socket Mode off for those who are connected. */
  disableLinks(): void {
    for (const connection of this.#connections) connection.disconnect('link_disabled', 0);
  }

  /** For the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.attemptsAt.push(performance.now());
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '', 'http://local');
    const ticket = this.tickets.get(url.searchParams.get('ticket') ?? '');
    if (request.headers.authorization !== undefined) this.#problem('the token sent with the WebSocket');
    const known = url.pathname === '/link/' && ticket !== undefined;
    if (!known) this.#problem('an unknown WebSocket URL');
    if (ticket?.used) this.#problem('a WebSocket URL used twice');
    const stale = !ticket || ticket.used || Date.now() - ticket.issuedAt > this.times.ticketLifetime;
    if (ticket) ticket.used = true;
    if (!known || stale || this.refusesConnections) {
      const status = this.refusesConnections ? '503 Service Unavailable' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, ticket.appId));
  }

  /** Ends every connection at once. */
  close(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  #accept(socket: WebSocket, appId: string): void {
    socket.on('error', () => undefined);
    const count = this.#connections.size + this.connectionsElsewhere;
    if (count >= maxConnections) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} }));
      socket.close(1000);
      return;
    }
    if (this.withholdsHello) return;
    this.acceptedAt.push(performance.now());
    const connection = new SlackConnection(socket, appId, this.times, this.#problem);
    this.#connections.add(connection);
    socket.on('close', () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.timesWithoutConnection += 1;
      this.#announceChange();
    });
    connection.sendText(
      JSON.stringify({
        type: 'hello',
        num_connections: count + 1,
        debug_info: { host: 'applink-local', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: appId },
      }),
    );
    this.#announceChange();
  }

  #announceChange(): void {
    const waiting = [...this.#changed];
    this.#changed.clear();
    for (const resolve of waiting) resolve();
  }
}

function parseObject(text: string): Readonly<Record<string, Json>> | undefined {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, Json>>)
      : undefined;
  } catch {
    return undefined;
  }
}
