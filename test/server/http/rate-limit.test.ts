import { expect, it } from 'vitest';
import { limitUnverified } from '../../../src/server/http/rate-limit.ts';
import type { HttpRequest, Route } from '../../../src/server/http/route.ts';
import type { Outcome } from '../../../src/server/outcome.ts';

const route = (outcome: Outcome): Route => ({
  kind: 'oauth',
  method: 'GET',
  path: '/',
  handle: async () => ({ response: { status: 200 }, subject: { kind: 'slack' }, outcome }),
});

const from = (client: string): HttpRequest => ({
  id: '1',
  query: '',
  headers: {},
  body: Buffer.of(),
  client,
  receivedAt: 0,
  startedAt: 0,
});

/** The outcomes of many requests by one client. */
async function outcomes(routes: readonly Route[], count: number): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (let index = 0; index < count; index++) {
    for (const { handle } of routes) all.push((await handle(from('192.0.2.7'))).outcome);
  }
  return all;
}

it.each<Outcome>([{ kind: 'rejected', reason: 'signature-wrong' }, { kind: 'unsigned-ssl-check' }])(
  'allows 300 unverified requests a minute ($kind)',
  async (outcome) => {
    const routes = limitUnverified({ signed: [route(outcome)], open: [], countsUnverified: true });
    const all = await outcomes(routes, 302);
    expect(all.slice(0, 300)).toEqual(Array(300).fill(outcome));
    expect(all.slice(300)).toMatchObject([{ kind: 'rate-limited' }, { kind: 'rate-limited' }]);
  },
);

it.each<Outcome>([{ kind: 'stored' }, { kind: 'forwarded' }, { kind: 'invalid-request', reason: 'x' }])(
  'never limits verified requests: $kind',
  async (outcome) => {
    const routes = limitUnverified({ signed: [route(outcome)], open: [], countsUnverified: true });
    expect(await outcomes(routes, 310)).toEqual(Array(310).fill(outcome));
  },
);

it('counts every request to an open route, but none to a signed one if that is switched off', async () => {
  const rejected = { kind: 'rejected', reason: 'signature-wrong' } as const;
  const settings = { signed: [route(rejected)], open: [route({ kind: 'redirected' })] };
  const all = await outcomes(limitUnverified({ ...settings, countsUnverified: false }), 301);
  expect(all.filter(({ kind }) => kind === 'rejected')).toHaveLength(301);
  expect(all.filter(({ kind }) => kind === 'redirected')).toHaveLength(300);
  expect(all.at(-1)).toMatchObject({ kind: 'rate-limited' });
});

it('says in the response, and in the log, how long a client is limited', async () => {
  const routes = limitUnverified({
    signed: [],
    open: [route({ kind: 'redirected' })],
    countsUnverified: true,
  });
  await outcomes(routes, 300);
  const [{ handle } = route({ kind: 'redirected' })] = routes;
  const { response, subject, outcome } = await handle(from('192.0.2.7'));
  expect(response).toMatchObject({
    status: 429,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: '{"error":"too_many_unverified_requests"}',
  });
  const seconds = Number(response.headers?.['Retry-After']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(subject).toEqual({ kind: 'oauth' });
  expect(outcome).toEqual({ kind: 'rate-limited', reason: 'over 300 unverified requests in 60 s' });
});

it('names what was sent for a request to a signed route', async () => {
  const rejected = { kind: 'rejected', reason: 'signature-wrong' } as const;
  const routes = limitUnverified({ signed: [route(rejected)], open: [], countsUnverified: true });
  await outcomes(routes, 300);
  const [{ handle } = route(rejected)] = routes;
  expect((await handle(from('192.0.2.7'))).subject).toEqual({ kind: 'slack' });
});

it('limits no other client', async () => {
  const routes = limitUnverified({
    signed: [],
    open: [route({ kind: 'redirected' })],
    countsUnverified: true,
  });
  await outcomes(routes, 301);
  const [{ handle } = route({ kind: 'redirected' })] = routes;
  expect((await handle(from('2001:db8::1'))).outcome).toEqual({ kind: 'redirected' });
});
