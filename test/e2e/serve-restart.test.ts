import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHaproxy } from '../support/haproxy.ts';
import { need } from '../support/need.ts';
import { eventBody, post, signedHeaders } from '../support/serve.ts';
import { type ServeProcess, startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const startReplica = async () =>
  startServe(['--store', `sqlite:${join(await temporaryFolder(), 'serve.db')}`]);

function event(id: string): string {
  const body = eventBody(id);
  const headers = Object.entries(signedHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n${headers.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
}

async function open(serve: ServeProcess): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(Number(new URL(serve.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket
    .on('error', () => undefined)
    .on('data', (data) => {
      received += data;
    });
  await once(socket, 'connect');
  return { socket, received: () => received };
}

const statusLines = (text: string) => text.match(/HTTP\/1\.1 \d+/g) ?? [];

it('responds to requests that arrived before SIGTERM and were not read yet', async () => {
  const serve = await startReplica();
  const kept = await Promise.all(Array.from({ length: 20 }, () => open(serve)));
  for (const [index, { socket }] of kept.entries()) socket.write(event(`EvFirst${index}`));
  for (const { received } of kept) await expect.poll(received).toContain('200 OK');
  // The process reads nothing more, and the kernel accepts connections and data for it.
  process.kill(serve.pid, 'SIGSTOP');
  const fresh = await Promise.all(Array.from({ length: 20 }, () => open(serve)));
  const all = [...kept, ...fresh];
  for (const [index, { socket }] of all.entries()) socket.write(event(`EvLast${index}`));
  const ended = serve.end('SIGTERM');
  process.kill(serve.pid, 'SIGCONT');
  expect(await ended).toMatchObject({ code: 143 });
  for (const { socket } of all) if (!socket.closed) await once(socket, 'close');
  expect(kept.map(({ received }) => statusLines(received()))).toEqual(
    kept.map(() => ['HTTP/1.1 200', 'HTTP/1.1 200']),
  );
  expect(fresh.map(({ received }) => statusLines(received()))).toEqual(fresh.map(() => ['HTTP/1.1 200']));
  for (const { received } of all) expect(received()).toContain('Connection: close');
});

it('fails no request in a rolling restart behind haproxy', { timeout: 120_000 }, async () => {
  const replicas = await Promise.all([startReplica(), startReplica()]);
  const haproxy = await startHaproxy(await need('haproxy'), replicas);
  const failures: unknown[] = [];
  let sent = 0;
  let finished = false;
  const sender = async () => {
    while (!finished) {
      const response = await post(haproxy.url, eventBody(`Ev${sent++}`)).catch((error: unknown) => error);
      if (!(response instanceof Response && response.status === 200)) failures.push(response);
      else await response.text();
    }
  };
  const senders = Array.from({ length: 8 }, sender);
  for (const replica of [...replicas, ...replicas]) {
    await haproxy.drain(replica);
    expect(await replica.end('SIGTERM')).toMatchObject({ code: 143 });
    const before = sent;
    await expect.poll(() => sent).toBeGreaterThan(before + 20);
    await replica.restart();
    await haproxy.use(replica);
  }
  finished = true;
  await Promise.all(senders);
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(80);
});
