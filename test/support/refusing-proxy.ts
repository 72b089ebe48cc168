import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

export interface RefusingProxy {
  /** `127.0.0.1:…` */
  readonly address: string;
  /** The hosts and ports that tunnels were requested to, in order. */
  readonly tunnels: readonly string[];
}

/** A proxy that records which tunnels are requested and opens none. It ends with the test. */
export async function startRefusingProxy(): Promise<RefusingProxy> {
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    tunnels.push(String(request.url));
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  return { address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, tunnels };
}
