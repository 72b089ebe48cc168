import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Outcome } from '../outcome.ts';
import { clientNetwork, isTrustedProxy, peerAddress, type TrustedProxies } from './client-address.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/** One connection of a listener. */
export interface Connection {
  readonly socket: Duplex;
  /** Its peer's address, read once: a connection has many requests. */
  readonly peer: string;
  /** What counts as its peer in the limit of connections per peer; undefined for a trusted proxy. */
  readonly network: string | undefined;
  /** The requests that have begun to arrive and have no response yet; several if they are pipelined. */
  readonly pending: Set<IncomingMessage>;
  /** The latest request, until it is complete and has its response. */
  request: IncomingMessage | undefined;
  /** Whether the data after the latest request is not HTTP. */
  broken: boolean;
  /** How the latest request ended while it was arriving. */
  ended: { readonly status: number; readonly outcome: Outcome } | undefined;
}

/** Why a connection was closed: there were too many of all peers, or of its peer. */
export type ClosedFor = 'all' | 'peer';

interface ConnectionsSettings {
  readonly limits: ConnectionLimits;
  readonly trustedProxies: TrustedProxies;
  /** Called with each connection that is closed to make room. */
  readonly onClosed: (reason: ClosedFor, peer: string) => void;
}

/**
 * The connections of a listener. If there are too many, the oldest one that waits for a complete request is closed, so
 * that silent clients cannot keep Slack out. A peer that opens many loses its own, unless it is a trusted proxy. Those of
 * trusted proxies are closed last: a load balancer keeps idle connections that it is about to use.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #trustedProxies: TrustedProxies;
  readonly #onClosed: ConnectionsSettings['onClosed'];
  readonly #open = new Map<Duplex, Connection>();
  /** Those without a complete request, or between two requests; the oldest first. */
  readonly #waiting = new Set<Connection>();
  readonly #waitingOfProxies = new Set<Connection>();
  readonly #waitingByNetwork = new Map<string, Set<Connection>>();

  #accepted = 0;

  constructor({ limits, trustedProxies, onClosed }: ConnectionsSettings) {
    this.#limits = limits;
    this.#trustedProxies = trustedProxies;
    this.#onClosed = onClosed;
  }

  /** How many connections have been added so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Whether there are so many that none should be kept open after its response. */
  get areMany(): boolean {
    return this.#open.size > this.#limits.kept;
  }

  get(socket: Duplex): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Adds an accepted connection, and closes another one if there are too many. */
  add(socket: Socket): void {
    const peer = peerAddress(socket);
    const network = isTrustedProxy(peer, this.#trustedProxies) ? undefined : clientNetwork(peer);
    const connection: Connection = {
      socket,
      peer,
      network,
      pending: new Set(),
      request: undefined,
      broken: false,
      ended: undefined,
    };
    this.#accepted += 1;
    this.#open.set(socket, connection);
    socket.on('close', () => {
      this.#open.delete(socket);
      this.#stopWaiting(connection);
    });
    this.#wait(connection);
    const ofPeer = network === undefined ? undefined : this.#waitingByNetwork.get(network);
    if (ofPeer && ofPeer.size > this.#limits.ofPeer) this.#close(first(ofPeer), 'peer');
    if (this.#open.size > this.#limits.all) {
      this.#close(first(this.#waiting) ?? first(this.#waitingOfProxies), 'all');
    }
  }

  /** Notes that a complete request has arrived: the connection is not closed before its response. */
  begin(connection: Connection): void {
    this.#stopWaiting(connection);
  }

  /** Notes that a request has its response, or will get none. */
  finish(connection: Connection, request: IncomingMessage): void {
    connection.pending.delete(request);
    if (connection.pending.size > 0) return;
    // A connection may be idle for long: it must not keep the request in memory.
    if (connection.request?.complete) connection.request = undefined;
    if (this.#open.has(connection.socket)) this.#wait(connection);
  }

  /** Closes those that have no pending request. */
  closeUnused(): void {
    for (const { socket, pending } of this.#open.values()) if (pending.size === 0) socket.destroy();
  }

  /** Whether some have no pending request. */
  hasUnused(): boolean {
    return [...this.#open.values()].some(({ pending }) => pending.size === 0);
  }

  #wait(connection: Connection): void {
    const { network } = connection;
    if (network === undefined) {
      this.#waitingOfProxies.add(connection);
      return;
    }
    this.#waiting.add(connection);
    const ofNetwork = this.#waitingByNetwork.get(network);
    if (ofNetwork) ofNetwork.add(connection);
    else this.#waitingByNetwork.set(network, new Set([connection]));
  }

  #stopWaiting(connection: Connection): void {
    const { network } = connection;
    if (network === undefined) {
      this.#waitingOfProxies.delete(connection);
      return;
    }
    this.#waiting.delete(connection);
    const ofNetwork = this.#waitingByNetwork.get(network);
    ofNetwork?.delete(connection);
    if (ofNetwork?.size === 0) this.#waitingByNetwork.delete(network);
  }

  #close(connection: Connection | undefined, reason: ClosedFor): void {
    if (!connection) return;
    const { socket, peer } = connection;
    connection.ended = {
      status: 0,
      outcome: { kind: 'overloaded', reason: 'too many connections: this one was closed' },
    };
    this.#open.delete(socket);
    this.#stopWaiting(connection);
    socket.destroy();
    this.#onClosed(reason, peer);
  }
}

/** Whether a request that has arrived as a whole has no response yet. */
export function isHandling({ pending }: Connection): boolean {
  for (const { complete } of pending) if (complete) return true;
  return false;
}

function first(connections: ReadonlySet<Connection>): Connection | undefined {
  const [oldest] = connections;
  return oldest;
}
