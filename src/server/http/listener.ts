import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Outcome, RequestSubject } from '../outcome.ts';
import type { Address } from './address.ts';
import { maxBodyBytes, RequestBodies } from './bodies.ts';
import { clientAddress, type TrustedProxies } from './client-address.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { type ClosedFor, type Connection, Connections, isHandling } from './connections.ts';
import { finalResponseTo, sendFinalResponse } from './final-response.ts';
import type { FinishedRequest } from './finished-request.ts';
import { type RequestHeaders, readHeaders } from './headers.ts';
import { listenError } from './listen-error.ts';
import { type Overload, overloaded } from './overload.ts';
import { callRoute, json, type Route, type RouteResult } from './route.ts';
import { RouteTable, splitTarget } from './route-table.ts';
import { sendResponse } from './send-response.ts';

export interface ListenerSettings {
  readonly routes: readonly Route[];
  readonly limits: ConnectionLimits;
  readonly onFinished: (request: FinishedRequest) => void;
  /** Called with each connection that is closed to make room for others. */
  readonly onClosed: (reason: ClosedFor, peer: string) => void;
  /** Called when a connection cannot be accepted, such as without a free file descriptor. */
  readonly onError: (error: Error) => void;
  readonly trustedProxies: TrustedProxies;
  /** Refuses requests while there is too little CPU time; without it none is refused for that. */
  readonly overload: Overload | undefined;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

const maxHeaderBytes = 16 * 1024;

/** In milliseconds. Slack gives up after 3 s: a request that takes longer to arrive is not Slack's. */
const timeLimits = {
  headers: 5_000,
  request: 10_000,
  /** Longer than load balancers keep a connection (60 s), so that they close it and not the server. */
  keepAlive: 65_000,
  /** Without a byte in either direction. Longer than any response takes; twice that while one is being sent. */
  inactivity: 30_000,
  checkEvery: 1_000,
  /** How long connections that wait in the kernel are accepted when the listener stops. */
  waiting: 1_000,
  /** How long a connection without a request is kept when the listener stops: one may be under way. */
  unused: 250,
} as const;

const clientGone: NonNullable<Connection['ended']> = {
  status: 0,
  outcome: { kind: 'client-gone' },
};

/** An HTTP listener with fixed routes. */
export class Listener {
  readonly #server: Server;
  readonly #routes: RouteTable;
  readonly #onFinished: ListenerSettings['onFinished'];
  readonly #onError: ListenerSettings['onError'];
  readonly #trustedProxies: TrustedProxies;
  readonly #now: () => number;
  readonly #connections: Connections;
  readonly #overload: Overload | undefined;
  readonly #bodies = new RequestBodies();
  #stopping = false;

  constructor(settings: ListenerSettings) {
    const { routes, limits, onFinished, onClosed, onError, trustedProxies, overload, now } = settings;
    this.#routes = new RouteTable(routes);
    this.#connections = new Connections({ limits, trustedProxies, onClosed });
    this.#onFinished = onFinished;
    this.#onError = onError;
    this.#trustedProxies = trustedProxies;
    this.#overload = overload;
    this.#now = now;
    this.#server = createServer({
      headersTimeout: timeLimits.headers,
      requestTimeout: timeLimits.request,
      keepAliveTimeout: timeLimits.keepAlive,
      connectionsCheckingInterval: timeLimits.checkEvery,
      maxHeaderSize: maxHeaderBytes,
      // Node would respond by itself, without a log line: the routes check it instead.
      requireHostHeader: false,
      insecureHTTPParser: false,
    });
    // Node stops reading from a client that does not read its responses, and would keep the connection for ever.
    this.#server.timeout = timeLimits.inactivity;
    this.#server.on('connection', (socket) => {
      if (this.#overload?.closes(socket)) socket.destroy();
      else this.#connections.add(socket);
    });
    this.#server.on('request', (request, response) => this.#serve(request, response));
    // RFC 9110, 10.1.1: a server may ignore expectations that it does not know.
    this.#server.on('checkExpectation', (request, response) => this.#serve(request, response));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#reject(error, socket));
    this.#server.on('connect', (request, socket) => {
      // Node no longer manages the socket: an error without a listener would end the process, and inactivity would not
      // close the socket.
      socket.on('error', () => socket.destroy());
      socket.on('timeout', () => socket.destroy());
      if (this.#hasPendingRequests(socket)) return;
      sendFinalResponse(socket, { status: 404, reason: 'Not Found' });
      const subject = { kind: 'unknown', what: 'CONNECT' };
      this.#report(socket, 404, subject, { kind: 'not-found' }, readHeaders(request.rawHeaders));
    });
  }

  /**
   * @returns the address, with the port that is in use
   * @throws UserError `listen-failed`
   */
  listen({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      const fail = (cause: NodeJS.ErrnoException) => {
        reject(listenError({ host, port }, cause));
      };
      this.#server.once('error', fail);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', fail);
        this.#server.on('error', this.#onError);
        const address = this.#server.address();
        resolve({ host, port: typeof address === 'object' && address ? address.port : port });
      });
    });
  }

  /** Accepts no more requests. Resolves when those in flight have their responses, or when the time is up. */
  async stop(milliseconds: number): Promise<void> {
    this.#stopping = true;
    await this.#acceptWaiting();
    // Node's HTTP server would close idle connections with it, and so fail the requests that are under way to it.
    const closed = new Promise((resolve) => TcpServer.prototype.close.call(this.#server, resolve));
    const time = AbortSignal.timeout(milliseconds);
    time.addEventListener('abort', () => this.#server.closeAllConnections());
    if (this.#connections.hasUnused()) await setTimeout(Math.min(milliseconds, timeLimits.unused));
    this.#connections.closeUnused();
    await closed;
    // Ends its timer.
    this.#server.close();
  }

  /**
   * Accepts the connections that wait in the kernel, and reads what has arrived: both would be reset. Node accepts one
   * connection in a turn of the event loop.
   */
  async #acceptWaiting(): Promise<void> {
    const end = performance.now() + timeLimits.waiting;
    let before: number;
    do {
      before = this.#connections.accepted;
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    } while (this.#connections.accepted > before && performance.now() < end);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (connection) connection.request = request;
    if (this.#overload?.refuses(request.socket)) {
      sendResponse(response, overloaded, randomUUID(), this.#stopping || this.#connections.areMany);
      return;
    }
    const started = performance.now();
    const receivedAt = this.#now();
    const id = randomUUID();
    const headers = readHeaders(request.rawHeaders);
    const { path, query } = splitTarget(request.url ?? '');
    const what = `${request.method} ${path}`;
    connection?.pending.add(request);
    const client = () => clientAddress(connection?.peer ?? 'unknown', headers, this.#trustedProxies);
    const report = (status: number, handled: Pick<RouteResult, 'subject' | 'outcome'>) =>
      this.#onFinished({
        id,
        status,
        milliseconds: performance.now() - started,
        subject: handled.subject,
        outcome: handled.outcome,
        headers,
        client: status === 0 || status >= 400 ? client() : undefined,
      });
    const finish = (result: RouteResult) => {
      if (connection) this.#connections.finish(connection, request);
      const ends = this.#stopping || this.#connections.areMany || connection?.broken === true;
      // What is still arriving on a broken connection never will as a whole.
      const isLast = connection?.broken ? !isHandling(connection) : connection?.pending.size === 0;
      sendResponse(response, result.response, id, ends && isLast);
      report(result.response.status, result);
    };

    const route = this.#routes.find(request, path, what, headers);
    if ('response' in route) {
      finish(route);
      return;
    }
    const subject = { kind: route.kind, what };
    this.#bodies.read(request, (body) => {
      if (body === 'gone') {
        if (connection) this.#connections.finish(connection, request);
        const { status, outcome } = connection?.ended ?? clientGone;
        report(status, { subject, outcome });
      } else if (body === 'too large') {
        const reason = `a body over ${maxBodyBytes} bytes`;
        const response = json(413, { error: 'too_large' });
        finish({ response, subject, outcome: { kind: 'invalid-request', reason } });
      } else if (body === 'crowded out') {
        const reason = 'too many unfinished bodies';
        finish({ response: json(503, { error: 'busy' }), subject, outcome: { kind: 'overloaded', reason } });
      } else {
        if (connection) this.#connections.begin(connection);
        const value = { id, query, headers, body, client: client(), receivedAt, startedAt: started };
        this.#overload?.begun();
        callRoute(route, value).then((result) => {
          this.#overload?.finished();
          finish(result);
        });
      }
    });
  }

  /** Responds to what is not HTTP, or arrives too slowly, and closes the connection. */
  #reject(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (this.#hasPendingRequests(socket)) return;
    const connection = this.#connections.get(socket);
    // It got its response before its body, and the body has not arrived since.
    const isAnswered = connection?.request?.complete === false && !connection.pending.has(connection.request);
    if (isAnswered || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const response = finalResponseTo(error.code);
    const { status, cause } = response;
    sendFinalResponse(socket, response);
    const outcome = { kind: 'invalid-request', reason: cause } as const;
    if (connection?.request?.complete === false) {
      // The request is logged when its body turns out not to arrive.
      connection.ended = { status, outcome };
      return;
    }
    this.#report(socket, status, { kind: 'malformed' }, outcome, {});
  }

  /** Whether earlier requests on the connection are still being handled: only their responses are sent then. */
  #hasPendingRequests(socket: Duplex): boolean {
    const connection = this.#connections.get(socket);
    if (!connection || !isHandling(connection)) return false;
    connection.broken = true;
    return true;
  }

  #report(
    socket: Duplex,
    status: number,
    subject: RequestSubject,
    outcome: Outcome,
    headers: RequestHeaders,
  ): void {
    const peer = this.#connections.get(socket)?.peer ?? 'unknown';
    const client = clientAddress(peer, headers, this.#trustedProxies);
    this.#onFinished({ id: randomUUID(), status, milliseconds: 0, subject, outcome, headers, client });
  }
}
