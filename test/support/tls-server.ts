import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Identity } from './certificate-authority.ts';

export interface ListenOptions {
  readonly address?: string;
  readonly port?: number;
  /** Concurrent tests pass the hook of their own context. */
  readonly onFinished?: typeof onTestFinished;
}

/** An HTTPS server on this machine, for one test. Sends the full chain unless told otherwise. */
export async function httpsServer(
  identity: Identity,
  listener: RequestListener,
  options: TlsOptions & ListenOptions = {},
): Promise<number> {
  const server = createServer({ key: identity.key, cert: identity.fullChain, ...options }, listener);
  return listen(server, options);
}

/** An HTTP server on this machine, for one test: what stands behind a proxy. */
export function httpServer(listener: RequestListener, options: ListenOptions = {}): Promise<number> {
  return listen(createHttpServer(listener), options);
}

/** A TCP server that passes each connection to the test; by default it does nothing with it. */
export function tcpServer(
  onConnection: (socket: Socket) => void = () => undefined,
  options: ListenOptions = {},
): Promise<number> {
  return listen(createTcpServer(onConnection), options);
}

/** A port of this machine that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(
  server: Server,
  { address = '127.0.0.1', port = 0, onFinished = onTestFinished }: ListenOptions,
): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  onFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}
