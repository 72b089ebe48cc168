import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { CircuitBreaker } from '../../../src/server/relay/circuit-breaker.ts';
import { Upstream } from '../../../src/server/relay/upstream.ts';
import { startUpstream } from '../../support/upstream.ts';

it.each([
  ['an expectation, which undici does not support', { expect: '100-continue' }],
  ['a header that cannot be sent', { 'x-odd': 'a\u0000b' }],
])('stays available after a request that cannot be sent: %s', async (_name, headers) => {
  const { url, received } = await startUpstream((response) => response.end('taken'));
  const breaker = new CircuitBreaker({ failures: 2, openMs: 60_000, now: () => 0 });
  const upstream = new Upstream({ origin: url, host: undefined, ca: undefined, breaker });
  onTestFinished(() => upstream.close());
  const ask = (more: Record<string, string>) =>
    upstream.send({ method: 'GET', path: '/', headers: more, timeLimit: 2_000, sender: 'T1/U1' });
  for (let count = 0; count < 3; count++) {
    expect(await ask(headers)).toMatchObject({ kind: 'failure', reason: 'unreachable' });
  }
  expect(received).toEqual([]);
  expect(upstream.isCircuitOpen).toBe(false);
  expect(await ask({})).toMatchObject({ kind: 'response', status: 200 });
});

it.each([
  ['no response in time', () => undefined],
  ['a gateway timeout', (response: ServerResponse) => response.writeHead(504).end()],
])('opens the circuit for %s only if five senders wait for it, not one', async (_name, respond) => {
  const { url } = await startUpstream(respond);
  const breaker = new CircuitBreaker({ failures: 5, openMs: 60_000, now: () => 0 });
  const upstream = new Upstream({ origin: url, host: undefined, ca: undefined, breaker });
  onTestFinished(() => upstream.close());
  const ask = (senders: readonly string[]) =>
    Promise.all(
      senders.map((sender) =>
        upstream.send({ method: 'POST', path: '/', headers: {}, timeLimit: 50, sender }),
      ),
    );
  await ask(Array.from({ length: 20 }, () => 'T1/U1'));
  expect(upstream.isCircuitOpen).toBe(false);
  await ask(['T1/U2', 'T1/U3', 'T1/U4', 'T1/U5']);
  expect(upstream.isCircuitOpen).toBe(true);
});
