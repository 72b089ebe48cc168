import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Writes the parts of a response body as they come, until there are no more or the client leaves. Never rejects. */
export async function sendStream(to: ServerResponse, parts: AsyncGenerator<string>): Promise<void> {
  const gone = new AbortController();
  to.on('close', () => {
    gone.abort();
    void parts.return(undefined);
  });
  try {
    for await (const part of parts) {
      if (to.destroyed) break;
      // A client that reads slowly gets fewer parts; none is held in memory for it.
      if (!to.write(part)) await once(to, 'drain', { signal: gone.signal });
    }
    to.end();
  } catch {
    to.destroy();
  }
}
