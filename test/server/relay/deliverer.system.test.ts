import { join } from 'node:path';
import { Chalk } from 'chalk';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
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
  const steadyNow = () => performance.now() + steady.ahead;
  const upstream = new Upstream({
    origin: server.url,
    host: undefined,
    ca: undefined,
    breaker: new CircuitBreaker({ failures: 5, openMs: 2_000, now: steadyNow }),
  });
  const deliverer = new Deliverer({
    queue: store.deliveries,
    upstream,
    signingSecret,
    log: createLog({ format: 'json', level: 'warn', write: () => undefined, pen: new Chalk({ level: 0 }) }),
    metrics: new RelayMetrics(new Registry(), store.deliveries, upstream, () => Date.now()),
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
      receivedAt: Date.now(),
      delivery: {},
    });
  return { store, server, delivered, steady, deliverer, queue };
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
