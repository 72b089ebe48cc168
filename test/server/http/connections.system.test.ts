import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { parseProxies } from '../../../src/server/http/client-address.ts';
import { connectionLimits } from '../../../src/server/http/connection-limits.ts';
import {
  commandForm,
  eventBody,
  formType,
  holdEvents,
  signedHeaders,
  startTestServer,
} from '../../support/serve.ts';

/** Few file descriptors, so that few connections are too many. */
const descriptorLimit = 256;
const { open } = connectionLimits(descriptorLimit);

const address = (index: number) => `127.0.1.${index + 1}`;

/** Opens a connection that sends these bytes, and no complete request. */
async function occupy(port: number, localAddress: string, bytes = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

/** Sends a request as Slack does, from an address that opens no other connection. @returns its status */
async function sendSigned(
  port: number,
  body: string,
  { localAddress = '127.0.0.9', type = 'application/json', agent = false as Agent | false } = {},
): Promise<number | undefined> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/webhooks/slack',
    method: 'POST',
    headers: signedHeaders(body, { type }),
    localAddress,
    agent,
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  await text(response);
  return response.statusCode;
}

const head = 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n';

it.each([
  ['send nothing', ''],
  ['send a part of the headers', head],
  ['send a part of the body', `${head}Content-Length: 100\r\n\r\n{`],
])('SECURITY.md: a silent client cannot keep Slack out: many that %s', async (_name, bytes) => {
  const { port, adminUrl, log, stop } = await startTestServer({ descriptorLimit });
  const attackers: Socket[] = [];
  for (let index = 0; index < 3 * open.all; index++) {
    attackers.push(await occupy(port, address(index % 40), bytes));
    if (index % 50 === 0) expect(await sendSigned(port, commandForm(), { type: formType })).toBe(200);
  }
  expect(await sendSigned(port, eventBody('Ev1'))).toBe(200);
  // The last request of Slack's took the place of one of them.
  await expect.poll(() => attackers.filter(({ closed }) => !closed).length).toBe(open.all - 1);
  // The oldest ones were closed.
  expect(attackers.at(0)?.closed).toBe(true);
  expect(attackers.at(-1)?.closed).toBe(false);
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/spacelift_slack_connections_closed_total\{reason="all"\} \d+/);
  await stop();
  const lines = (await log()).filter(({ msg }) => msg === 'connections closed: there were too many');
  const count = lines.reduce((sum, line) => sum + Number(line['count']), 0);
  expect(count).toBeGreaterThanOrEqual(2 * open.all);
  expect(lines.length).toBeLessThan(count / 5);
});

it("closes the oldest connections of a peer that opens many, and no one else's", async () => {
  const { port, log, stop } = await startTestServer({ descriptorLimit });
  const other = await occupy(port, '127.0.0.8');
  const attackers: Socket[] = [];
  for (let index = 0; index < 2 * open.ofPeer; index++) attackers.push(await occupy(port, '127.0.0.7'));
  await expect.poll(() => attackers.filter(({ closed }) => !closed).length).toBe(open.ofPeer);
  expect(other.closed).toBe(false);
  await stop();
  const lines = (await log()).filter(({ msg }) => msg === 'connections closed: there were too many');
  expect(lines.reduce((sum, line) => sum + Number(line['tooManyOfPeer']), 0)).toBe(open.ofPeer);
  expect(lines[0]).toMatchObject({ client: '127.0.0.7' });
});

it('sets no limit per peer for a trusted proxy, and closes its idle connections last', async () => {
  const trustedProxies = parseProxies('127.0.0.6');
  const { port } = await startTestServer({ descriptorLimit, trustedProxies });
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * open.ofPeer });
  onTestFinished(() => agent.destroy());
  const send = (index: number) =>
    sendSigned(port, eventBody(`Ev${index}`), { localAddress: '127.0.0.6', agent });
  const requests = Array.from({ length: 2 * open.ofPeer }, (_, index) => index);
  await Promise.all(requests.map(send));
  const kept = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
  expect(kept).toHaveLength(2 * open.ofPeer);
  for (let index = 0; index < 2 * open.all; index++) await occupy(port, address(index % 40));
  expect(kept.filter(({ destroyed }) => destroyed)).toEqual([]);
  expect(await Promise.all(requests.map(send))).toEqual(requests.map(() => 200));
});

it('does not close a connection whose request is being handled', async () => {
  const { port, store } = await startTestServer({ descriptorLimit });
  const { begun, finish } = holdEvents(store);
  const status = sendSigned(port, eventBody('Ev1'));
  await begun;
  for (let index = 0; index < 2 * open.all; index++) await occupy(port, address(index % 40));
  finish();
  expect(await status).toBe(200);
});
