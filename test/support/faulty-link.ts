import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server of this machine that a test can break, freeze and mend. */
export interface FaultyLink {
  readonly port: number;
  /** Breaks what is connected, and refuses what comes. */
  cut(): void;
  /** Lets nothing pass and ends nothing: as when a cable is pulled, or a firewall has forgotten its connections. */
  freeze(): void;
  /** Works for what comes from now on. */
  mend(): void;
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
    mend() {
      state = 'works';
    },
  };
}
