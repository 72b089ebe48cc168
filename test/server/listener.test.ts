import { once } from 'node:events';
import { connect, Server } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
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

it('keeps no connection for another request where there are very many', async () => {
  const { port } = await startTestServer();
  const ask = async () => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: spacelift.example.com\r\n\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer);
  };
  const kept: string[] = [];
  for (let batch = 0; batch < 15; batch++) {
    kept.push(...(await Promise.all(Array.from({ length: 100 }, ask))));
  }
  expect(kept.filter((answer) => answer.includes('Connection: keep-alive'))).toHaveLength(1_500);
  expect(await ask()).toContain('Connection: close');
  expect(await ask()).toContain('Connection: close');
});
