import { expect, it } from 'vitest';
import { exchangeRaw } from '../../support/raw-http.ts';
import { eventBody, post, startTestServer } from '../../support/serve.ts';

const long = 'x'.repeat(12_000);
const headers = Array.from({ length: 50 }, (_, index) => `X-${index}: ${'"'.repeat(50)}\r\n`).join('');

/** Requests that anybody can send, by the status that they get. */
const attacks: readonly (readonly [status: number, request: string])[] = [
  [400, `${long}\r\n\r\n`],
  [400, `POST /webhooks/slack?${long} HTTP/1.1\r\nConnection: close\r\n\r\n`],
  [401, `POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: 0\r\n\r\n`],
  [404, `GET /${long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
  [404, `GET /${'"\\'.repeat(6_000)} HTTP/1.1\r\nHost: x\r\nUser-Agent: ${'"'.repeat(900)}\r\n\r\n`],
  [404, `CONNECT ${long}:1 HTTP/1.1\r\nHost: x\r\n\r\n`],
  [405, `DELETE /webhooks/slack?${long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
  [413, `POST /webhooks/slack?${long} HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n`],
  [431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${long.repeat(2)}\r\n\r\n`],
];

it('SECURITY.md: log volume of unverified traffic is bounded by a number', async () => {
  const { port, url, log, logText, stop } = await startTestServer({ trustedProxies: 'peer' });
  let sent = 0;
  for (let round = 0; round < 10; round++) {
    const statuses = await Promise.all(
      attacks.map(([, request]) => {
        sent += 1;
        // Each request is from another client.
        const forwarded = `\r\nX-Forwarded-For: 192.0.2.${sent}\r\nConnection: close`;
        return exchangeRaw(port, [request.replace('\r\n\r\n', `${forwarded}\r\n\r\n`)]);
      }),
    );
    expect(statuses).toEqual(attacks.map(([status]) => [status]));
  }
  expect((await post(url, eventBody('Ev1'))).status).toBe(200);
  await stop();
  const lines = await log();
  const unverified = lines.filter(({ status }) => Number(status) >= 400);
  const summary = lines.filter(({ msg }) => msg === 'unverified requests not logged');
  expect(unverified).toHaveLength(50);
  expect(summary).toMatchObject([{ count: sent - 50 }]);
  expect(lines.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
  // With --verbose, as here; the other promise leaves the headers out.
  const sizes = (await logText()).split('\n').map((line) => Buffer.byteLength(line));
  expect(Math.max(...sizes)).toBeLessThan(10 * 1024);
  const short = unverified.map(({ headers: _, ...line }) => Buffer.byteLength(JSON.stringify(line)));
  expect(Math.max(...short)).toBeLessThan(2 * 1024);
});

it('logs 20 unverified requests of one client, and the verified ones all', async () => {
  const { url, log, stop } = await startTestServer();
  for (let count = 0; count < 30; count++) {
    expect((await fetch(`${url}/${count}`)).status).toBe(404);
    expect((await post(url, eventBody(`Ev${count}`))).status).toBe(200);
    expect((await post(url, '{')).status).toBe(400);
  }
  await stop();
  const lines = await log();
  const of = (outcome: string) => lines.filter((line) => line['outcome'] === outcome);
  expect([of('not-found').length, of('stored').length, of('invalid-request').length]).toEqual([20, 30, 30]);
  expect(lines.at(-1)).toMatchObject({
    msg: 'unverified requests not logged',
    count: 10,
    statuses: { 404: 10 },
  });
});

it('holds no control characters, not even those that only some terminals obey', async () => {
  const { port, log, logText, stop } = await startTestServer();
  const request = 'GET /x HTTP/1.1\r\nHost: x\r\nUser-Agent: a\x9b31m\x85b\r\nConnection: close\r\n\r\n';
  expect(await exchangeRaw(port, [Buffer.from(request, 'latin1')])).toEqual([404]);
  await stop();
  expect(await log()).toContainEqual(
    expect.objectContaining({
      headers: expect.objectContaining({ 'user-agent': ['a\u009b31m\u0085b'] }),
    }),
  );
  expect((await logText()).replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
