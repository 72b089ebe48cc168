import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { UserError } from '../../user-error.ts';
import { type Address, formatAddress } from './address.ts';
import { maxBodyBytes, RequestBodies } from './bodies.ts';
import { clientAddress, peerAddress, type TrustedProxies } from './client-address.ts';
import { type Answer, json, type Note, type Request, type Route } from './exchange.ts';
import { RequestHeaders } from './headers.ts';
import { dismiss, lastWordOn } from './last-word.ts';

/** An answer that has been handed to the system. Status 0: the client was gone before it could be answered. */
export interface Answered {
  readonly id: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly note: Note;
  readonly headers: RequestHeaders;
  /** The address of whoever asked, where the answer was no good news. */
  readonly client: string | undefined;
}

export interface ListenerSettings {
  readonly routes: readonly Route[];
  readonly onAnswered: (answered: Answered) => void;
  /** Told of connections that could not be taken: there are too many, or the process has no file descriptors left. */
  readonly onError: (error: Error, client?: string) => void;
  readonly trustedProxies: TrustedProxies;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

const maxHeaderBytes = 16 * 1024;
const maxConnections = 2_000;
/** Beyond this many, none is kept for another request: those who wait would keep out those who ask. */
const maxKeptConnections = 1_500;

/** In milliseconds. Slack gives up after 3 s: what takes longer to arrive is not Slack's. */
const timeLimits = {
  headers: 5_000,
  request: 10_000,
  /** Longer than load balancers keep a connection (60 s), so that it is they who close it. */
  keepAlive: 65_000,
  /** Without a byte either way, and longer than any answer takes; twice that where an answer was on its way. */
  silence: 30_000,
  checkEvery: 1_000,
} as const;

interface Connection {
  /** The address at its other end, read once: a connection brings many requests. */
  readonly peer: string;
  /** Requests that have begun to arrive and are not answered yet; pipelined ones count each. */
  pending: number;
  /** The latest of them. */
  request: IncomingMessage | undefined;
  /** What follows the latest request is not HTTP. */
  broken: boolean;
  /** What its client was told in the middle of the latest request. */
  refusal: { readonly status: number; readonly reason: string } | undefined;
}

/** An HTTP listener with fixed routes; any other path is 404, and 405 where the method does not fit. */
export class Listener {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, readonly Route[]>;
  readonly #onAnswered: ListenerSettings['onAnswered'];
  readonly #onError: ListenerSettings['onError'];
  readonly #trustedProxies: TrustedProxies;
  readonly #now: () => number;
  readonly #connections = new Map<Duplex, Connection>();
  readonly #bodies = new RequestBodies();
  #stopping = false;

  constructor({ routes, onAnswered, onError, trustedProxies, now }: ListenerSettings) {
    const paths = new Set(routes.map((route) => route.path));
    this.#routes = new Map([...paths].map((path) => [path, routes.filter((route) => route.path === path)]));
    this.#onAnswered = onAnswered;
    this.#onError = onError;
    this.#trustedProxies = trustedProxies;
    this.#now = now;
    this.#server = createServer({
      headersTimeout: timeLimits.headers,
      requestTimeout: timeLimits.request,
      keepAliveTimeout: timeLimits.keepAlive,
      connectionsCheckingInterval: timeLimits.checkEvery,
      maxHeaderSize: maxHeaderBytes,
      // What Node answers by itself is in no log: this is left to the routes.
      requireHostHeader: false,
      insecureHTTPParser: false,
    });
    this.#server.maxConnections = maxConnections;
    // Node stops reading from a client that takes no answers, and would keep it for ever.
    this.#server.timeout = timeLimits.silence;
    this.#server.on('connection', (socket) => {
      const peer = peerAddress(socket);
      this.#connections.set(socket, {
        peer,
        pending: 0,
        request: undefined,
        broken: false,
        refusal: undefined,
      });
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#server.on('request', (request, response) => this.#serve(request, response));
    // RFC 9110, 10.1.1 lets a server overlook expectations that it does not know.
    this.#server.on('checkExpectation', (request, response) => this.#serve(request, response));
    this.#server.on('drop', (dropped) => {
      onError(new Error(`more than ${this.#server.maxConnections} connections`), peerAddress(dropped ?? {}));
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket));
    this.#server.on('connect', (request, socket) => {
      // Node has let go of the socket: an error that nobody listens for would end the process, and no silence the socket.
      socket.on('error', () => socket.destroy());
      socket.on('timeout', () => socket.destroy());
      if (this.#waitsForAnswers(socket)) return;
      dismiss(socket, { status: 404, reason: 'Not Found' });
      const note = { kind: 'unknown', what: 'CONNECT', verdict: 'not found' };
      this.#report(socket, 404, note, new RequestHeaders(request.rawHeaders));
    });
  }

  /**
   * @returns where it listens, with the port that was taken
   * @throws UserError `listen-failed`
   */
  listen({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      const fail = (cause: NodeJS.ErrnoException) => {
        const { reason, hint } = describeListenError(cause.code);
        const message = `cannot listen on ${formatAddress({ host, port })}: ${reason}`;
        reject(new UserError('listen-failed', message, { hint, exitCode: 3, cause }));
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

  /** Takes no more requests, and resolves when those that are here are answered, or when their time is up. */
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
    const headers = new RequestHeaders(request.rawHeaders);
    const { path, query } = splitTarget(request.url ?? '');
    const what = `${request.method} ${path}`;
    const connection = this.#connections.get(request.socket);
    if (connection) {
      connection.pending += 1;
      connection.request = request;
    }
    const client = () => clientAddress(connection?.peer ?? 'unknown', headers, this.#trustedProxies);
    const finish = (answer: Answer | undefined) => {
      if (connection) connection.pending -= 1;
      if (answer) {
        const crowded = this.#connections.size > maxKeptConnections;
        const ends = this.#stopping || crowded || connection?.broken === true;
        send(response, answer, id, ends && connection?.pending === 0);
      }
      const { status, note } = answer ?? unanswered(what, connection?.refusal);
      this.#onAnswered({
        id,
        status,
        milliseconds: performance.now() - started,
        note,
        headers,
        client: status === 0 || status >= 400 ? client() : undefined,
      });
    };

    const route = this.#route(request, path, what, headers);
    if ('status' in route) {
      finish(route);
      return;
    }
    this.#bodies.read(request, (body) => {
      if (body === 'gone') return finish(undefined);
      if (body === 'too large') {
        const reason = `a body over ${maxBodyBytes} bytes`;
        return finish(
          json(413, { error: 'too_large' }, { kind: 'unknown', what, verdict: 'refused', reason }),
        );
      }
      if (body === 'crowded out') {
        const reason = 'too many unfinished bodies';
        return finish(json(503, { error: 'busy' }, { kind: 'unknown', what, verdict: 'refused', reason }));
      }
      const asked = { id, query, headers, body, client: client(), receivedAt, startedAt: started };
      answerWith(route, asked, finish);
    });
  }

  /** The route that takes a request, or the answer where none does. */
  #route(request: IncomingMessage, path: string, what: string, headers: RequestHeaders): Route | Answer {
    const note = { kind: 'unknown', what };
    if (request.httpVersionMajor !== 1) {
      return json(505, { error: 'http_version' }, { ...note, verdict: 'refused', reason: 'not HTTP/1' });
    }
    const hosts = headers.values('host').length;
    if (hosts > 1 || (hosts === 0 && request.httpVersionMinor > 0)) {
      const reason = hosts > 1 ? 'two Host headers' : 'no Host header';
      return json(400, { error: 'bad_request' }, { ...note, verdict: 'refused', reason });
    }
    const routes = this.#routes.get(path);
    if (!routes) return json(404, { error: 'not_found' }, { ...note, verdict: 'not found' });
    const route = routes.find(({ method }) => method === request.method);
    if (route) return route;
    const answer = json(405, { error: 'method_not_allowed' }, { ...note, verdict: 'refused' });
    const allow = routes.map(({ method }) => method).join(', ');
    return { ...answer, headers: { ...answer.headers, Allow: allow } };
  }

  /** What is not HTTP, or comes too slowly, gets a status and loses its connection. */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (this.#waitsForAnswers(socket)) return;
    const connection = this.#connections.get(socket);
    // Answered before its body was here, and the body has still not come.
    const answered = connection?.request?.complete === false && connection.pending === 0;
    if (answered || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const lastWord = lastWordOn(error.code);
    const { status } = lastWord;
    dismiss(socket, lastWord);
    const why = error.code ?? error.message;
    if (connection?.request?.complete === false) {
      // It has a line of its own in the log, once its body is known not to come.
      connection.refusal = { status, reason: why };
      return;
    }
    const note = { kind: 'malformed', verdict: 'refused', reason: why };
    this.#report(socket, status, note, new RequestHeaders([]));
  }

  /** True where the requests in front were good: their answers go out first, and alone. */
  #waitsForAnswers(socket: Duplex): boolean {
    const connection = this.#connections.get(socket);
    if (!connection?.request?.complete || connection.pending === 0) return false;
    connection.broken = true;
    return true;
  }

  #report(socket: Duplex, status: number, note: Note, headers: RequestHeaders): void {
    const peer = this.#connections.get(socket)?.peer ?? 'unknown';
    const client = clientAddress(peer, headers, this.#trustedProxies);
    this.#onAnswered({ id: randomUUID(), status, milliseconds: 0, note, headers, client });
  }
}

/** What became of a request whose body never came, or not as HTTP has it. */
function unanswered(
  what: string,
  refusal: Connection['refusal'],
): { readonly status: number; readonly note: Note } {
  const { status, ...why } = refusal
    ? { ...refusal, verdict: 'refused' }
    : { status: 0, verdict: 'client gone' };
  return { status, note: { kind: 'unknown', what, ...why } };
}

/** The path and the query of a request's target. RFC 9112, 3.2.2 wants the absolute form taken too. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const origin = target.startsWith('/') ? '' : (/^https?:\/\/[^/?#]+/i.exec(target)?.[0] ?? '');
  const mark = target.indexOf('?', origin.length);
  if (mark === -1) return { path: target.slice(origin.length), query: '' };
  return { path: target.slice(origin.length, mark), query: target.slice(mark + 1) };
}

/** Most answers are there at once: they need not wait for a turn of the event loop, nor pay for a promise. */
function answerWith(route: Route, request: Request, finish: (answer: Answer) => void): void {
  const failed = (error: unknown) =>
    finish(json(500, { error: 'internal_error' }, { kind: 'bug', verdict: 'failed', error }));
  let answer: Answer | Promise<Answer>;
  try {
    answer = route.handle(request);
  } catch (error) {
    failed(error);
    return;
  }
  if (answer instanceof Promise) answer.then(finish, failed);
  else finish(answer);
}

function send(response: ServerResponse, answer: Answer, id: string, last: boolean): void {
  const body = answer.body ?? '';
  const length = Buffer.byteLength(body);
  const headers: OutgoingHttpHeaders = {
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
    ...answer.headers,
  };
  // RFC 9110, 8.6.
  if (answer.status !== 204) headers['Content-Length'] = length;
  if (last) headers['Connection'] = 'close';
  response.writeHead(answer.status, headers);
  // Of ASCII alone both are the same, and this one is written faster.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}

function describeListenError(code: string | undefined): { readonly reason: string; readonly hint: string } {
  switch (code) {
    case 'EADDRINUSE':
      return {
        reason: 'something listens there already',
        hint: 'End that, or name a free address with --listen or --admin-listen.',
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        reason: 'this machine has no such address',
        hint: 'Name one of its own with --listen or --admin-listen, or 0.0.0.0 for every interface.',
      };
    case 'EACCES':
      return {
        reason: 'the system does not allow it',
        hint: 'Name a port from 1024 on with --listen or --admin-listen.',
      };
    default:
      return {
        reason: `the system says ${code ?? 'nothing more'}`,
        hint: 'Name another address with --listen or --admin-listen.',
      };
  }
}
