import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { connect, Server } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startTestServer } from '../support/serve.ts';

/** A server and Node's own behind its two listeners. */
async function startWithSight() {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const server = await startTestServer();
  const behind = listening.mock.contexts.filter((each) => each instanceof HttpServer);
  listening.mockRestore();
  return { ...server, behind };
}

it('goes on when connections cannot be taken, and says so each time', async () => {
  const { url, log, behind } = await startWithSight();
  // What Node does where accept() fails.
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  for (const server of [...behind, ...behind]) server.emit('error', failure);
  expect((await fetch(url)).status).toBe(404);
  const lines = (await log()).filter(({ msg }) => msg === 'a connection could not be taken');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatchObject({ level: 'error', error: { code: 'EMFILE' } });
});

it('lets go of a client that asks and asks, and takes no answer', async () => {
  const { port, log, behind } = await startWithSight();
  for (const server of behind) {
    // Beyond the 15 s of the slowest answer.
    expect(server.timeout).toBe(20_000);
    server.timeout = 200;
  }
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const requests = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000);
  await expect
    .poll(
      () => {
        // Nobody reads what comes, so that in the end the server reads no more either.
        if (socket.writableLength === 0) socket.write(requests);
        return socket.closed;
      },
      { timeout: 10_000 },
    )
    .toBe(true);
  // Not for a request that was cut in two, which has a time limit of its own.
  expect((await log()).filter(({ status }) => status !== 404)).toEqual([]);
});
