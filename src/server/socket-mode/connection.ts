import type { Fields } from '../fields.ts';
import type { Clock } from './clock.ts';
import { type Envelope, readSocketMessage, type SocketMessage } from './envelopes.ts';
import type { OpenSocket, Socket } from './web-socket.ts';

/** Sends the acknowledgement of an envelope; false if its connection has ended. */
export type Reply = (payload?: Fields) => boolean;

export interface ConnectionSettings {
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  /** Handles an envelope. Never rejects. */
  readonly onEnvelope: (envelope: Envelope, reply: Reply) => Promise<void>;
  /** Called with a message that cannot be handled, after its acknowledgement. */
  readonly onUnusable: (message: Extract<SocketMessage, { kind: 'unusable' }>) => void;
}

/** Why a connection ended or could not be opened. */
export type ConnectionEnd =
  /** Slack will end it soon. Until then, it works. */
  | { readonly kind: 'refresh'; readonly reason: string }
  /** Slack does not accept it: `link_disabled` or `too_many_websockets`. */
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'closed'; readonly cause: unknown }
  /** Nothing was received for so long that the other end must be gone. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'no-hello' };

/** In milliseconds. */
const timeLimits = {
  /** From the URL to `hello`. */
  hello: 10_000,
  /** Slack pings more often than that; after such a silence we ping ourselves. */
  quiet: 10_000,
  /** For any sign of life after our ping. */
  pong: 10_000,
  /** For the closing handshake. */
  closing: 2_000,
} as const;

const rejections = new Set(['link_disabled', 'too_many_websockets']);

/** One WebSocket to Slack, from its URL to its end. */
export class Connection {
  /** Resolves when Slack has said hello, with its count of the app's connections, or with why it has not. */
  readonly greeting: Promise<
    { readonly kind: 'hello'; readonly connections: number | undefined } | ConnectionEnd
  >;
  /** Resolves as soon as the connection needs a replacement. */
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves when it is gone. */
  readonly closed: Promise<void>;
  readonly #settings: ConnectionSettings;
  readonly #socket: Socket;
  readonly #gone = new AbortController();
  #greet: (greeting: Awaited<Connection['greeting']>) => void = () => undefined;
  #end: (end: ConnectionEnd) => void = () => undefined;
  #heardAt: number | undefined;
  #pingedAt: number | undefined;
  #isReady = false;
  #inFlight = 0;
  #isLeaving = false;
  #acceptsEnvelopes = true;

  constructor(url: string, settings: ConnectionSettings) {
    const { clock, openSocket } = settings;
    this.#settings = settings;
    this.greeting = new Promise((resolve) => {
      this.#greet = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = (end) => {
        resolve(end);
        this.#greet(end);
      };
    });
    this.closed = new Promise((resolve) =>
      this.#gone.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    this.#socket = openSocket(url, {
      onMessage: (text) => this.#receive(readSocketMessage(text)),
      onHeard: () => {
        this.#heardAt = clock.now();
        this.#pingedAt = undefined;
      },
      onClosed: (cause) => {
        this.#isReady = false;
        this.#end({ kind: 'closed', cause });
        this.#gone.abort();
      },
    });
    void this.#expectHello();
  }

  /** Whether Slack may send envelopes here: it has said hello, and the connection is not gone. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** When anything was last received, by the clock. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** Closes the connection as soon as all of its envelopes are acknowledged. */
  leave(): void {
    this.#isLeaving = true;
    if (this.#inFlight === 0) void this.#close();
  }

  /** Accepts no more envelopes, and leaves. What is not acknowledged, Slack sends again. */
  stop(): void {
    this.#acceptsEnvelopes = false;
    this.leave();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#isReady = false;
    this.#socket.destroy();
  }

  #receive(message: SocketMessage): void {
    switch (message.kind) {
      case 'hello':
        this.#isReady = true;
        this.#greet(message);
        void this.#watch();
        return;
      case 'disconnect':
        if (rejections.has(message.reason)) {
          this.#end({ kind: 'rejected', reason: message.reason });
          this.leave();
        } else {
          this.#end({ kind: 'refresh', reason: message.reason });
        }
        return;
      case 'envelope':
        void this.#handle(message.envelope);
        return;
      case 'unusable':
        // Slack would send it again and again.
        if (message.envelopeId !== undefined) this.#acknowledge(message.envelopeId);
        this.#settings.onUnusable(message);
    }
  }

  async #handle(envelope: Envelope): Promise<void> {
    if (!this.#acceptsEnvelopes) return;
    this.#inFlight += 1;
    await this.#settings.onEnvelope(envelope, (payload) => this.#acknowledge(envelope.id, payload));
    this.#inFlight -= 1;
    if (this.#isLeaving && this.#inFlight === 0) await this.#close();
  }

  #acknowledge(envelopeId: string, payload?: Fields): boolean {
    return this.#socket.send(JSON.stringify({ envelope_id: envelopeId, payload }));
  }

  async #expectHello(): Promise<void> {
    await Promise.race([this.greeting, this.#sleep(timeLimits.hello)]);
    if (this.#isReady) return;
    this.#end({ kind: 'no-hello' });
    this.destroy();
  }

  async #watch(): Promise<void> {
    const { clock } = this.#settings;
    while (this.#isReady) {
      const now = clock.now();
      const heardAt = this.#heardAt ?? now;
      if (this.#pingedAt === undefined && now - heardAt >= timeLimits.quiet) {
        this.#pingedAt = now;
        this.#socket.ping();
      }
      if (this.#pingedAt !== undefined && now - this.#pingedAt >= timeLimits.pong) {
        this.#end({ kind: 'silent' });
        this.destroy();
        return;
      }
      const next =
        this.#pingedAt === undefined ? heardAt + timeLimits.quiet : this.#pingedAt + timeLimits.pong;
      await this.#sleep(next - now);
    }
  }

  async #close(): Promise<void> {
    this.#socket.close();
    await this.#sleep(timeLimits.closing);
    this.destroy();
  }

  #sleep(milliseconds: number): Promise<void> {
    return this.#settings.clock.sleep(milliseconds, this.#gone.signal);
  }
}
