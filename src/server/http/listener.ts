import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { AcknowledgementResult, Outcome, RequestSubject } from '../outcome.ts';
import type { Address } from './address.ts';
import { maxBodyBytes, RequestBodies } from './bodies.ts';
import { clientAddress, peerAddress, type TrustedProxies } from './client-address.ts';
import { finalResponseTo, sendFinalResponse } from './final-response.ts';
import { type RequestHeaders, readHeaders } from './headers.ts';
import { listenError } from './listen-error.ts';
import { callRoute, type HttpResponse, json, type Route, type RouteResult } from './route.ts';
import { sendStream } from './stream.ts';

/** A request whose response has been sent: the source of its log line and its metrics. */
export interface FinishedRequest {
  readonly id: string;
  /** 0: the client closed the connection before there was a response. */
  readonly status: number;
  readonly milliseconds: number;
  readonly subject: RequestSubject;
  readonly outcome: Outcome;
  readonly headers: RequestHeaders;
  /** The client's address, if the status is 0 or at least 400. */
  readonly client: string | undefined;
  /** How its envelope was acknowledged, for a request that came through Socket Mode. */
  readonly acknowledgement?: AcknowledgementResult;
}

export interface ListenerSettings {
  readonly routes: readonly Route[];
  readonly onFinished: (request: FinishedRequest) => void;
  /** Called when a connection is not accepted: there are too many, or the process is out of file descriptors. */
  readonly onError: (error: Error, client?: string) => void;
  readonly trustedProxies: TrustedProxies;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

const maxHeaderBytes = 16 * 1024;
const maxConnections = 2_000;
/** With more connections than this, each is closed after its response, so that idle ones do not block new ones. */
const maxKeptConnections = 1_500;

/** In milliseconds. Slack gives up after 3 s: a request that takes longer to arrive is not Slack's. */
const timeLimits = {
  headers: 5_000,
  request: 10_000,
  /** Longer than load balancers keep a connection (60 s), so that they close it and not the server. */
  keepAlive: 65_000,
  /** Without a byte in either direction. Longer than any response takes; twice that while one is being sent. */
  inactivity: 30_000,
  checkEvery: 1_000,
} as const;

interface Connection {
  /** Its peer's address, read once: a connection has many requests. */
  readonly peer: string;
  /** How many requests have begun to arrive and have no response yet. Pipelined requests count. */
  pending: number;
  /** The latest request. */
  request: IncomingMessage | undefined;
  /** Whether the data after the latest request is not HTTP. */
  broken: boolean;
  /** The final response that was sent in the middle of the latest request. */
  rejection: { readonly status: number; readonly reason: string } | undefined;
}

/** An HTTP listener with fixed routes. Any other path is 404, another method is 405. */
export class Listener {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, readonly Route[]>;
  readonly #onFinished: ListenerSettings['onFinished'];
  readonly #onError: ListenerSettings['onError'];
  readonly #trustedProxies: TrustedProxies;
  readonly #now: () => number;
  readonly #connections = new Map<Duplex, Connection>();
  readonly #bodies = new RequestBodies();
  #stopping = false;

  constructor({ routes, onFinished, onError, trustedProxies, now }: ListenerSettings) {
    const paths = new Set(routes.map((route) => route.path));
    this.#routes = new Map([...paths].map((path) => [path, routes.filter((route) => route.path === path)]));
    this.#onFinished = onFinished;
    this.#onError = onError;
    this.#trustedProxies = trustedProxies;
    this.#now = now;
    this.#server = createServer({
      headersTimeout: timeLimits.headers,
      requestTimeout: timeLimits.request,
      keepAliveTimeout: timeLimits.keepAlive,
      connectionsCheckingInterval: timeLimits.checkEvery,
      maxHeaderSize: maxHeaderBytes,
      // Node would respond by itself, without a log line: `#route` checks it instead.
      requireHostHeader: false,
      insecureHTTPParser: false,
    });
    this.#server.maxConnections = maxConnections;
    // Node stops reading from a client that does not read its responses, and would keep the connection for ever.
    this.#server.timeout = timeLimits.inactivity;
    this.#server.on('connection', (socket) => {
      const peer = peerAddress(socket);
      this.#connections.set(socket, {
        peer,
        pending: 0,
        request: undefined,
        broken: false,
        rejection: undefined,
      });
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#server.on('request', (request, response) => this.#serve(request, response));
    // RFC 9110, 10.1.1: a server may ignore expectations that it does not know.
    this.#server.on('checkExpectation', (request, response) => this.#serve(request, response));
    this.#server.on('drop', (dropped) => {
      onError(new Error(`more than ${this.#server.maxConnections} connections`), peerAddress(dropped ?? {}));
    });
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
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const [socket, { pending }] of this.#connections) if (pending === 0) socket.destroy();
    const timer = setTimeout(() => this.#server.closeAllConnections(), milliseconds);
    await closed;
    clearTimeout(timer);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const started = performance.now();
    const receivedAt = this.#now();
    const id = randomUUID();
    const headers = readHeaders(request.rawHeaders);
    const { path, query } = splitTarget(request.url ?? '');
    const what = `${request.method} ${path}`;
    const connection = this.#connections.get(request.socket);
    if (connection) {
      connection.pending += 1;
      connection.request = request;
    }
    const client = () => clientAddress(connection?.peer ?? 'unknown', headers, this.#trustedProxies);
    const subject = { kind: 'unknown', what };
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
      if (connection) connection.pending -= 1;
      const crowded = this.#connections.size > maxKeptConnections;
      const ends = this.#stopping || crowded || connection?.broken === true;
      send(response, result.response, id, ends && connection?.pending === 0);
      report(result.response.status, result);
    };

    const route = this.#route(request, path, what, headers);
    if ('response' in route) {
      finish(route);
      return;
    }
    this.#bodies.read(request, (body) => {
      if (body === 'gone') {
        if (connection) connection.pending -= 1;
        const { status, outcome } = abandoned(connection?.rejection);
        report(status, { subject, outcome });
      } else if (body === 'too large') {
        const reason = `a body over ${maxBodyBytes} bytes`;
        const response = json(413, { error: 'too_large' });
        finish({ response, subject, outcome: { kind: 'invalid-request', reason } });
      } else if (body === 'crowded out') {
        const reason = 'too many unfinished bodies';
        finish({ response: json(503, { error: 'busy' }), subject, outcome: { kind: 'overloaded', reason } });
      } else {
        const value = { id, query, headers, body, client: client(), receivedAt, startedAt: started };
        callRoute(route, value).then(finish);
      }
    });
  }

  /** The route for a request, or the result if there is none. */
  #route(request: IncomingMessage, path: string, what: string, headers: RequestHeaders): Route | RouteResult {
    const subject = { kind: 'unknown', what };
    const invalid = (status: number, error: string, reason: string): RouteResult => ({
      response: json(status, { error }),
      subject,
      outcome: { kind: 'invalid-request', reason },
    });
    if (request.httpVersionMajor !== 1) return invalid(505, 'http_version', 'not HTTP/1');
    const hosts = headers['host']?.length ?? 0;
    if (hosts > 1) return invalid(400, 'bad_request', 'two Host headers');
    if (hosts === 0 && request.httpVersionMinor > 0) return invalid(400, 'bad_request', 'no Host header');
    const routes = this.#routes.get(path);
    if (!routes) {
      return { response: json(404, { error: 'not_found' }), subject, outcome: { kind: 'not-found' } };
    }
    const route = routes.find(({ method }) => method === request.method);
    if (route) return route;
    const allow = routes.map(({ method }) => method).join(', ');
    const result = invalid(405, 'method_not_allowed', `not ${allow}`);
    return {
      ...result,
      response: { ...result.response, headers: { ...result.response.headers, Allow: allow } },
    };
  }

  /** Responds to what is not HTTP, or arrives too slowly, and closes the connection. */
  #reject(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (this.#hasPendingRequests(socket)) return;
    const connection = this.#connections.get(socket);
    // It got its response before its body, and the body has not arrived since.
    const isAnswered = connection?.request?.complete === false && connection.pending === 0;
    if (isAnswered || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const response = finalResponseTo(error.code);
    const { status } = response;
    sendFinalResponse(socket, response);
    const why = error.code ?? error.message;
    if (connection?.request?.complete === false) {
      // The request is logged when its body turns out not to arrive.
      connection.rejection = { status, reason: why };
      return;
    }
    this.#report(socket, status, { kind: 'malformed' }, { kind: 'invalid-request', reason: why }, {});
  }

  /** Whether earlier requests on the connection are still being handled: only their responses are sent then. */
  #hasPendingRequests(socket: Duplex): boolean {
    const connection = this.#connections.get(socket);
    if (!connection?.request?.complete || connection.pending === 0) return false;
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

/** What happened to a request whose body did not arrive, or was not valid HTTP. */
function abandoned(rejection: Connection['rejection']): {
  readonly status: number;
  readonly outcome: Outcome;
} {
  if (!rejection) return { status: 0, outcome: { kind: 'client-gone' } };
  return { status: rejection.status, outcome: { kind: 'invalid-request', reason: rejection.reason } };
}

/** The path and the query of a request target. RFC 9112, 3.2.2: a server must accept the absolute form too. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const origin = target.startsWith('/') ? '' : (/^https?:\/\/[^/?#]+/i.exec(target)?.[0] ?? '');
  const mark = target.indexOf('?', origin.length);
  if (mark === -1) return { path: target.slice(origin.length), query: '' };
  return { path: target.slice(origin.length, mark), query: target.slice(mark + 1) };
}

function send(to: ServerResponse, response: HttpResponse, id: string, last: boolean): void {
  const headers: OutgoingHttpHeaders = {
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
    ...response.headers,
  };
  if (last) headers['Connection'] = 'close';
  if (response.stream) {
    to.writeHead(response.status, headers);
    void sendStream(to, response.stream);
    return;
  }
  const body = response.body ?? '';
  const length = Buffer.byteLength(body);
  // RFC 9110, 8.6.
  if (response.status !== 204) headers['Content-Length'] = length;
  to.writeHead(response.status, headers);
  // For pure ASCII both encodings are the same, and latin1 is faster.
  to.end(body, length === body.length ? 'latin1' : 'utf8');
}
