import { Server } from 'node:net';
import { expect, it, vi } from 'vitest';
import { startTestServer } from '../support/serve.ts';

it('goes on when connections cannot be taken, and says so each time', async () => {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const { url, log } = await startTestServer();
  const servers = listening.mock.contexts;
  listening.mockRestore();
  // What Node does where accept() fails.
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  for (const server of [...servers, ...servers]) {
    if (server instanceof Server) server.emit('error', failure);
  }
  expect((await fetch(url)).status).toBe(404);
  const lines = (await log()).filter(({ msg }) => msg === 'a connection could not be taken');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatchObject({ level: 'error', error: { code: 'EMFILE' } });
});
