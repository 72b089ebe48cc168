import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Chalk } from 'chalk';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../../src/commands/serve/queue-limit.ts';
import { createLog } from '../../../src/server/operations/log.ts';
import { CircuitBreaker } from '../../../src/server/relay/circuit-breaker.ts';
import { Deliverer } from '../../../src/server/relay/deliverer.ts';
import { RelayMetrics } from '../../../src/server/relay/relay-metrics.ts';
import { Upstream } from '../../../src/server/relay/upstream.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { signingSecret } from '../../support/serve.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startUpstream } from '../../support/upstream.ts';

/** A deliverer that is not started yet, with a steady clock that a test can move forward. */
async function scene() {
  const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
  const delivered: string[] = [];
  const server = await startUpstream((response, { body }) => {
    delivered.push(String(body));
    response.end();
  });
  const steady = { ahead: 0 };
  const load = { isHigh: false };
  const steadyNow = () => performance.now() + steady.ahead;
  const upstream = new Upstream({
    origin: server.url,
    host: undefined,
    ca: undefined,
    breaker: new CircuitBreaker({
      failures: 5,
      openMs: 2_000,
      now: steadyNow,
      onOpened: () => {},
      onClosed: () => {},
    }),
    now: () => Date.now(),
  });
  const deliverer = new Deliverer({
    queue: store.deliveries,
    upstream,
    isOverloaded: () => load.isHigh,
    signingSecret,
    log: createLog({
      format: 'json',
      level: 'warn',
      write: () => undefined,
      pen: new Chalk({ level: 0 }),
      now: Date.now,
    }),
    metrics: new RelayMetrics(new Registry(), store.deliveries, queueLimit, upstream, () => Date.now()),
    now: () => Date.now(),
    steadyNow,
  });
  onTestFinished(async () => {
    await deliverer.stop();
    await upstream.close();
    await store.close();
  });
  const queue = (workspace: string, eventId: string) =>
    store.recordEvent({
      eventId,
      workspace,
      type: 'x',
      body: Buffer.from(eventId),
      delivery: {},
    });
  return { store, server, delivered, steady, load, deliverer, queue };
}

it.each([
  ['claimed', 'claim', []],
  ['noted the one before', 'settle', ['Ev1']],
] as const)('sends nothing when its process was halted after it had %s', async (_name, step, sent) => {
  const { store, delivered, steady, deliverer, queue } = await scene();
  await queue('T1', 'Ev1');
  await queue('T1', 'Ev2');
  const { deliveries } = store;
  const notes: string[] = [];
  const claim = deliveries.claim.bind(deliveries);
  const settle = deliveries.settle.bind(deliveries);
  // Longer than a claim may be old when its event is sent.
  let halts = 0;
  const halt = () => {
    halts += 1;
    steady.ahead += 6_500;
  };
  deliveries.claim = async (...args) => {
    const claims = await claim(...args);
    if (step === 'claim' && claims.length > 0) halt();
    return claims;
  };
  deliveries.settle = async (...args) => {
    notes.push(args[1].kind);
    const next = await settle(...args);
    if (step === 'settle') halt();
    return next;
  };
  deliverer.start();
  await expect.poll(() => halts).toBeGreaterThan(0);
  await deliverer.stop();
  expect(delivered).toEqual(sent);
  expect(notes).toEqual(sent.map(() => 'delivered'));
});

it('lets other workspaces go first after 50 events of one, and then continues with it', async () => {
  const { delivered, deliverer, queue } = await scene();
  // One workspace more than are delivered to at once.
  for (let number = 0; number < 16; number++) {
    await Promise.all(Array.from({ length: 60 }, (_, index) => queue(`T${number}`, `${number}-${index}`)));
  }
  await queue('last', 'last');
  deliverer.start();
  await expect.poll(() => delivered.length).toBe(16 * 60 + 1);
  for (let number = 0; number < 16; number++) {
    const order = delivered.filter((id) => id.startsWith(`${number}-`));
    expect(order).toEqual(Array.from({ length: 60 }, (_, index) => `${number}-${index}`));
  }
  const before = delivered.slice(0, delivered.indexOf('last'));
  const most = Array.from({ length: 16 }, (_, number) => before.filter((id) => id.startsWith(`${number}-`)));
  expect(most.some((ids) => ids.length < 60)).toBe(true);
});

it('delivers to one workspace at a time while requests are refused, and to 16 afterwards', async () => {
  const { store, delivered, load, deliverer, queue } = await scene();
  const limits: number[] = [];
  const { deliveries } = store;
  const claim = deliveries.claim.bind(deliveries);
  deliveries.claim = (limit, leaseMs) => {
    limits.push(limit);
    return claim(limit, leaseMs);
  };
  load.isHigh = true;
  for (let number = 0; number < 4; number++) await queue(`T${number}`, `Ev${number}`);
  deliverer.start();
  await expect.poll(() => delivered.length).toBe(4);
  expect(Math.max(...limits)).toBe(1);
  load.isHigh = false;
  deliverer.wake();
  await expect.poll(() => Math.max(...limits)).toBe(16);
});

it('sends one event only to an upstream that was down, and the others once it has responded', async () => {
  const { store, server, steady, deliverer, queue } = await scene();
  server.respond = (response) => response.writeHead(503).end();
  for (let number = 0; number < 16; number++) await queue(`T${number}`, `Ev${number}`);
  deliverer.start();
  // The failures open the circuit; attempts that were under way by then still arrive.
  const attempts = async () => (await store.deliveries.list({ limit: 16 })).map((event) => event.attempts);
  await expect.poll(attempts).not.toContain(0);
  const before = server.received.length;
  const claim = vi.spyOn(store.deliveries, 'claim');
  let release: () => void = () => undefined;
  server.respond = (response) => {
    release = () => response.end();
  };
  steady.ahead += 2_000;
  deliverer.wake();
  await server.hasReceived(before + 1);
  // The circuit lets one request through per period, and this one has no response yet.
  for (let count = 0; count < 5; count++) {
    deliverer.wake();
    await setImmediate();
  }
  expect(server.received).toHaveLength(before + 1);
  // The others are not even taken out of the queue.
  expect(new Set(claim.mock.calls.map(([limit]) => limit))).toEqual(new Set([1]));
  server.respond = (response) => response.end();
  release();
  const ids = () => server.received.slice(before).map(({ body }) => String(body));
  await expect.poll(() => new Set(ids()).size).toBe(16);
  expect(ids()).toHaveLength(16);
});

it('does not count an attempt that the open circuit prevented', async () => {
  const { store, server, steady, deliverer, queue } = await scene();
  server.respond = (response) => response.writeHead(503).end();
  await queue('T1', 'Ev1');
  deliverer.start();
  await server.hasReceived(5);
  await expect
    .poll(async () => (await store.deliveries.list({ limit: 1 }))[0]?.attempts)
    .toBe(server.received.length);
  // Due, again and again, while the circuit is open.
  for (let count = 0; count < 5; count++) deliverer.wake();
  await deliverer.stop();
  expect(steady.ahead).toBe(0);
  expect((await store.deliveries.list({ limit: 1 }))[0]?.attempts).toBe(server.received.length);
});

it('stops only once the response to what it has sent is recorded', async () => {
  const { store, server, deliverer, queue } = await scene();
  let finish: () => void = () => undefined;
  server.respond = (response) => {
    finish = () => response.end();
  };
  await queue('T1', 'Ev1');
  await queue('T1', 'Ev2');
  deliverer.start();
  await server.hasReceived(1);
  const stopped = deliverer.stop();
  finish();
  await stopped;
  expect(
    (await store.deliveries.list({ limit: 9 })).map(({ eventId, attempts }) => [eventId, attempts]),
  ).toEqual([['Ev2', 0]]);
  expect(server.received).toHaveLength(1);
});

it('records a result again and again while the store fails, and delivers nothing twice', async () => {
  const { store, delivered, deliverer, queue } = await scene();
  const { deliveries } = store;
  const settle = deliveries.settle.bind(deliveries);
  let failures = 2;
  deliveries.settle = async (...args) => {
    failures -= 1;
    if (failures >= 0) throw new Error('the store is gone');
    return settle(...args);
  };
  await queue('T1', 'Ev1');
  await queue('T1', 'Ev2');
  deliverer.start();
  await expect.poll(() => deliveries.list({ limit: 9 })).toEqual([]);
  expect(delivered).toEqual(['Ev1', 'Ev2']);
});
