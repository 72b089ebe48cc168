import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { connect, Server, Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { signedHeaders, startTestServer } from '../../support/serve.ts';

const mebibyte = 1024 * 1024;
const challenge = '{"type":"url_verification","challenge":"c"}';

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function head(length: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhooks/slack HTTP/1.1\r\nHost: spacelift.example.com\r\n${length}\r\n${lines.join('')}\r\n`;
}

function write(socket: Socket, text: string | Buffer): Promise<void> {
  return new Promise((resolve) => socket.write(text, () => resolve()));
}

it('keeps 64 MiB of unfinished bodies: the longest get 503, and small ones are not affected', async () => {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const { port, log } = await startTestServer();
  // On a busy machine, 100 MiB take longer to send than a request may.
  for (const server of listening.mock.contexts) if (server instanceof HttpServer) server.requestTimeout = 0;
  listening.mockRestore();
  const small = await open(port);
  const headers = signedHeaders(challenge);
  await write(small, head(`Content-Length: ${challenge.length}`, headers) + challenge.slice(0, 5));
  const almost = Buffer.alloc(mebibyte - 1, 'a');
  const answers: string[] = [];
  for (let count = 0; count < 100; count++) {
    const socket = await open(port);
    socket.on('data', (data) => answers.push(data.toString().slice(0, 12)));
    await write(socket, head(`Content-Length: ${mebibyte}`));
    await write(socket, almost);
  }
  await expect.poll(() => answers.length).toBeGreaterThanOrEqual(36);
  await expect.poll(() => memoryAfterCollection().arrayBuffers).toBeLessThan(80 * mebibyte);
  expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 503']));

  small.write(challenge.slice(5));
  const [answer] = await once(small, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  const refused = (await log()).filter(({ status }) => status === 503);
  expect(answers.length).toBeLessThan(45);
  expect(refused[0]).toMatchObject({ outcome: 'overloaded', reason: 'too many unfinished bodies' });
});

it('frees the memory of clients that have gone', async () => {
  const { port, url } = await startTestServer();
  const fill = async () => {
    const sockets: Socket[] = [];
    for (let count = 0; count < 60; count++) {
      const socket = await open(port);
      socket.on('data', () => expect.unreachable('there is room'));
      await write(socket, head(`Content-Length: ${mebibyte}`));
      await write(socket, Buffer.alloc(mebibyte - 1, 'a'));
      sockets.push(socket);
    }
    await expect.poll(() => memoryAfterCollection().arrayBuffers).toBeGreaterThan(60 * mebibyte);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => memoryAfterCollection().arrayBuffers).toBeLessThan(30 * mebibyte);
  };
  await fill();
  await fill();
  expect((await fetch(url)).status).toBe(404);
});

it('reads a body of many tiny chunks without an object for each', async () => {
  const { port } = await startTestServer();
  const pad = 'x'.repeat(200_000);
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c', pad });
  const accepted = acceptedSockets();
  const socket = await open(port);
  const sent = Buffer.from([...body].map((sign) => `1\r\n${sign}\r\n`).join(''));
  await write(socket, head('Transfer-Encoding: chunked', signedHeaders(body)));
  const before = memoryAfterCollection().heapUsed;
  await write(socket, sent);
  await expect.poll(() => accepted[0]?.bytesRead).toBe(socket.bytesWritten);
  expect(memoryAfterCollection().heapUsed - before).toBeLessThan(10 * mebibyte);
  socket.write('0\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
});

/** The server's ends of the connections that are opened from now on. */
function acceptedSockets(): readonly Socket[] {
  const sockets: Socket[] = [];
  const note = (message: unknown) => {
    if (typeof message === 'object' && message && 'socket' in message && message.socket instanceof Socket)
      sockets.push(message.socket);
  };
  subscribe('net.server.socket', note);
  onTestFinished(() => void unsubscribe('net.server.socket', note));
  return sockets;
}

function memoryAfterCollection(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage();
}
