import type { SocketUrlFailure } from '../../slack/api/socket-url.ts';
import { type BackoffRange, Gate, waitAfter } from './backoff.ts';
import { Connection, type ConnectionEnd, type ConnectionSettings } from './connection.ts';

export interface ConnectionsSettings extends ConnectionSettings {
  /** How many to keep open, 1 to 10. */
  readonly count: number;
  /** Gets a URL that is good for one connection. */
  readonly getUrl: () => Promise<
    { readonly ok: true; readonly value: string } | { readonly ok: false; readonly failure: SocketUrlFailure }
  >;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly onReport: (report: ConnectionReport) => void;
}

export type OpenFailure =
  | { readonly kind: 'no-url'; readonly failure: SocketUrlFailure }
  | Exclude<ConnectionEnd, { kind: 'silent' }>;

/** What has happened to the connections, for the log and the metrics. */
export type ConnectionReport =
  | {
      readonly kind: 'opened';
      /** Which of the connections, from 1. */
      readonly slot: number;
      /** Slack's count of the app's connections. */
      readonly counted: number | undefined;
      /** How many of them are ours, this one included. */
      readonly own: number;
    }
  | { readonly kind: 'ended'; readonly slot: number; readonly end: ConnectionEnd }
  | {
      readonly kind: 'open-failed';
      readonly failure: OpenFailure;
      /** Whether the attempt before it failed for the same reason. */
      readonly repeated: boolean;
      readonly retryInMs: number;
    };

/** Slack ends connections after some hours: those that were opened together would be replaced together. */
const apartMs = 5_000;
/** A connection that ends sooner than this counts as a failure, so that a bad one is not reopened in a tight loop. */
const settledAfterMs = 30_000;
const afterFailure: BackoffRange = { first: 500, longest: 10_000 };
/** For what only a person can change. */
const afterRejection: BackoffRange = { first: 5_000, longest: 60_000 };
/** Slack's words for failures of its own. */
const transientErrors = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
]);

/** Keeps some connections to Slack open. Each is replaced before Slack ends it, or as soon as it has ended. */
export class SocketConnections {
  readonly #settings: ConnectionsSettings;
  readonly #gate: Gate;
  readonly #open = new Set<Connection>();
  readonly #stopping = new AbortController();
  #lastFailure = '';
  #heardAt: number;

  constructor(settings: ConnectionsSettings) {
    this.#settings = settings;
    this.#gate = new Gate(settings.clock, settings.random);
    this.#heardAt = settings.clock.now();
  }

  /** How many have said hello and are not gone. Each may bring envelopes. */
  get readyCount(): number {
    let count = 0;
    for (const connection of this.#open) if (connection.isReady) count += 1;
    return count;
  }

  /** How many there are, those that are being opened or closed included. */
  get openCount(): number {
    return this.#open.size;
  }

  /** How long nothing at all has been received on any of them, in milliseconds. */
  get silentForMs(): number {
    for (const { heardAt = 0 } of this.#open) this.#heardAt = Math.max(this.#heardAt, heardAt);
    return this.#settings.clock.now() - this.#heardAt;
  }

  start(): void {
    for (let slot = 1; slot <= this.#settings.count; slot++) void this.#keep(slot);
  }

  /**
   * Accepts no more envelopes, acknowledges those that are being handled, and closes the connections.
   *
   * @param milliseconds how long that may take
   */
  async stop(milliseconds: number): Promise<void> {
    this.#stopping.abort();
    for (const connection of this.#open) connection.stop();
    const timeUp = new AbortController();
    await Promise.race([
      Promise.all([...this.#open].map(({ closed }) => closed)),
      this.#settings.clock.sleep(milliseconds, timeUp.signal),
    ]);
    timeUp.abort();
    for (const connection of this.#open) connection.destroy();
  }

  /** Keeps one connection open until it is stopped. */
  async #keep(slot: number): Promise<void> {
    const { clock, random, onReport } = this.#settings;
    const { signal } = this.#stopping;
    await clock.sleep((slot - 1) * apartMs, signal);
    /** Slack has announced its end, and it has no successor yet. */
    let predecessor: Connection | undefined;
    let shortLived = 0;
    while (!signal.aborted) {
      if (shortLived > 0) await clock.sleep(waitAfter(shortLived, afterFailure, random()), signal);
      await this.#gate.pass(signal);
      if (signal.aborted) return;
      const opened = await this.#openOne();
      if (signal.aborted) {
        opened.connection?.stop();
        return;
      }
      const { connection, failure } = opened;
      if (failure) {
        this.#reportFailure(failure);
        // Slack's limit counts the predecessor too.
        if (failure.kind === 'rejected') predecessor?.leave();
        continue;
      }
      this.#gate.succeeded();
      this.#lastFailure = '';
      predecessor?.leave();
      onReport({ kind: 'opened', slot, counted: opened.counted, own: this.#open.size });
      const openedAt = clock.now();
      const end = await connection.ended;
      if (signal.aborted) return;
      shortLived = clock.now() - openedAt < settledAfterMs ? shortLived + 1 : 0;
      onReport({ kind: 'ended', slot, end });
      if (end.kind === 'rejected') this.#reportFailure(end);
      predecessor = end.kind === 'refresh' ? connection : undefined;
    }
  }

  async #openOne(): Promise<
    | { readonly connection: Connection; readonly counted: number | undefined; readonly failure?: never }
    | { readonly connection?: never; readonly failure: OpenFailure }
  > {
    const url = await this.#settings.getUrl();
    if (!url.ok) return { failure: { kind: 'no-url', failure: url.failure } };
    if (this.#stopping.signal.aborted) return { failure: { kind: 'closed', cause: undefined } };
    const connection = new Connection(url.value, this.#settings);
    this.#open.add(connection);
    void connection.closed.then(() => {
      this.#heardAt = Math.max(this.#heardAt, connection.heardAt ?? 0);
      this.#open.delete(connection);
    });
    const greeting = await connection.greeting;
    if (greeting.kind === 'hello') return { connection, counted: greeting.connections };
    connection.destroy();
    return { failure: greeting.kind === 'silent' ? { kind: 'no-hello' } : greeting };
  }

  #reportFailure(failure: OpenFailure): void {
    const { range, atLeastMs } = backoffOf(failure);
    const retryInMs = this.#gate.failed(range, atLeastMs);
    const key = keyOf(failure);
    const repeated = key === this.#lastFailure;
    this.#lastFailure = key;
    this.#settings.onReport({ kind: 'open-failed', failure, repeated, retryInMs });
  }
}

function backoffOf(failure: OpenFailure): { readonly range: BackoffRange; readonly atLeastMs: number } {
  if (failure.kind === 'rejected') return { range: afterRejection, atLeastMs: 0 };
  if (failure.kind !== 'no-url') return { range: afterFailure, atLeastMs: 0 };
  const cause = failure.failure;
  if (cause.kind === 'rate-limited') {
    return { range: afterFailure, atLeastMs: cause.retryAfterSeconds * 1000 };
  }
  const permanent =
    cause.kind === 'insecure-url' || (cause.kind === 'refused' && !transientErrors.has(cause.error));
  return { range: permanent ? afterRejection : afterFailure, atLeastMs: 0 };
}

/** Tells one kind of failure from another. */
function keyOf(failure: OpenFailure): string {
  switch (failure.kind) {
    case 'no-url':
      return JSON.stringify({ ...failure.failure, body: undefined });
    case 'rejected':
      return failure.reason;
    case 'closed':
      return String(failure.cause);
    default:
      return failure.kind;
  }
}
