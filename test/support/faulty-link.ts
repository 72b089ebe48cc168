import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP forwarder to a server of this machine that a test can slow down, cut, freeze and restore. */
export interface FaultyLink {
  readonly port: number;
  /** Breaks open connections, and refuses new ones. */
  cut(): void;
  /** Forwards nothing and closes nothing, as when a cable is pulled or a firewall drops its state. */
  freeze(): void;
  /** Works for new connections. */
  restore(): void;
  /** Makes each round trip of new connections take so long, in milliseconds. */
  setRoundTrip(milliseconds: number): void;
}

export async function faultyLink(port: number, onEnd = onTestFinished): Promise<FaultyLink> {
  let state: 'works' | 'cut' | 'frozen' = 'works';
  let delay = 0;
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
    forward(client, upstream, delay).on('close', () => client.destroy());
    forward(upstream, client, delay).on('close', () => upstream.destroy());
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
    setRoundTrip(milliseconds) {
      delay = milliseconds / 2;
    },
  };
}

/** Forwards all data, each piece after a delay in milliseconds. */
function forward(from: Socket, to: Socket, delay: number): Socket {
  if (delay === 0) return from.pipe(to);
  from.on('data', (data) => setTimeout(() => to.write(data), delay));
  from.on('end', () => setTimeout(() => to.end(), delay));
  return to;
}
