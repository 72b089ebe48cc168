import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP forwarder to a server of this machine that a test can cut, freeze and restore. */
export interface FaultyLink {
  readonly port: number;
  /** Breaks open connections, and refuses new ones. */
  cut(): void;
  /** Forwards nothing and closes nothing, as when a cable is pulled or a firewall drops its state. */
  freeze(): void;
  /** Works for new connections. */
  restore(): void;
}

export async function faultyLink(port: number, onEnd = onTestFinished): Promise<FaultyLink> {
  let state: 'works' | 'cut' | 'frozen' = 'works';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const server = createServer((client) => {
    keep(client);
    if (state === 'cut') client.resetAndDestroy();
    if (state !== 'works') return;
    const upstream = keep(connect(port, '127.0.0.1'));
    client.pipe(upstream).on('close', () => client.destroy());
    upstream.pipe(client).on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onEnd(async () => {
    destroyAll();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the link has no port');
  return {
    port: address.port,
    cut() {
      state = 'cut';
      destroyAll();
    },
    freeze() {
      state = 'frozen';
      for (const socket of sockets) socket.removeAllListeners('close').unpipe().pause();
    },
    restore() {
      state = 'works';
    },
  };
}
