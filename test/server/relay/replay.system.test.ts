import { describe, expect, it } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../../src/commands/serve/queue-limit.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgres.ts';
import type { Store } from '../../../src/store/store.ts';
import { postgresDatabase } from '../../support/postgres.ts';
import {
  commandForm,
  eventBody,
  formType,
  signedHeaders,
  startTestServer,
  type TestServer,
} from '../../support/serve.ts';
import { type Respond, startUpstream, type TestUpstream } from '../../support/upstream.ts';

/** A request that somebody has captured: the same bytes and signature each time. */
function captured(body: string, type = formType) {
  const headers = signedHeaders(body, { type });
  return (server: TestServer) =>
    fetch(`${server.url}/webhooks/slack`, { method: 'POST', body, headers }).then((response) =>
      response.text(),
    );
}

const button = () =>
  new URLSearchParams({ payload: '{"type":"block_actions","team":{"id":"T1"}}' }).toString();

function relayTo({ url }: TestUpstream, store?: Store) {
  const relay = { origin: url, host: undefined, ca: undefined, oauth: false, retain: 3_600_000, queueLimit };
  return startTestServer({ relay, ...(store ? { store } : {}) });
}

/** Responds with the number of the request. */
function counting(): Respond {
  let count = 0;
  return (response) => response.end(`response ${++count}`);
}

async function startReplicas(upstream: TestUpstream) {
  const database = await postgresDatabase();
  const open = () =>
    openPostgresStore({
      url: database.url,
      encryptionKey: Buffer.alloc(32, 7).toString('base64'),
      keepsTokens: false,
      cwd: '/',
    });
  const stores = [await open(), await open()] as const;
  return {
    database,
    store: stores[0],
    relays: [await relayTo(upstream, stores[0]), await relayTo(upstream, stores[1])] as const,
  };
}

describe('a captured request that is sent five times', () => {
  it.each([
    ['a command', commandForm(), formType],
    ['a button', button(), formType],
    ['a type that is new', '{"type":"app_rate_limited"}', 'application/json'],
  ])('is forwarded once, and gets the first response each time: %s', async (_name, body, type) => {
    const upstream = await startUpstream(counting());
    const relay = await relayTo(upstream);
    const send = captured(body, type);
    const responses: string[] = [];
    for (let count = 0; count < 5; count++) responses.push(await send(relay));
    expect(responses).toEqual(Array.from({ length: 5 }, () => 'response 1'));
    expect(upstream.received).toHaveLength(1);
    const outcomes = (await relay.log()).flatMap(({ outcome }) => outcome ?? []);
    expect(outcomes).toEqual(['forwarded', 'repeated', 'repeated', 'repeated', 'repeated']);
  });

  it('is delivered once, if it is an event', async () => {
    const upstream = await startUpstream();
    const relay = await relayTo(upstream);
    const send = captured(eventBody('Ev1'), 'application/json');
    for (let count = 0; count < 5; count++) await send(relay);
    const next = captured(eventBody('Ev2'), 'application/json');
    await next(relay);
    await upstream.hasReceived(2);
    expect(upstream.received.map(({ body }) => JSON.parse(String(body)).event_id)).toEqual(['Ev1', 'Ev2']);
  });

  it('is forwarded again after a response that asks for a retry', async () => {
    const upstream = await startUpstream((response) => response.writeHead(500).end());
    const relay = await relayTo(upstream);
    const send = captured('{"type":"app_rate_limited"}', 'application/json');
    await send(relay);
    await send(relay);
    expect(upstream.received).toHaveLength(2);
  });

  it('waits for the response to the first one', async () => {
    const upstream = await startUpstream(() => undefined);
    const relay = await relayTo(upstream);
    let finish: () => void = () => undefined;
    upstream.respond = (response) => {
      finish = () => response.end('done');
    };
    const send = captured(commandForm());
    const first = send(relay);
    await upstream.hasReceived(1);
    const others = [send(relay), send(relay)];
    finish();
    expect(await Promise.all([first, ...others])).toEqual(['done', 'done', 'done']);
    expect(upstream.received).toHaveLength(1);
  });
});

describe('with replicas', () => {
  it('a captured request gets the response that another replica got', async () => {
    const upstream = await startUpstream(counting());
    const { database, relays } = await startReplicas(upstream);
    const [one, other] = relays;
    const send = captured(commandForm());
    expect(await send(one)).toBe('response 1');
    expect([await send(other), await send(one), await send(other)]).toEqual(
      Array.from({ length: 3 }, () => 'response 1'),
    );
    expect(upstream.received).toHaveLength(1);
    const [row] = await database.query('select sealed_response from handled_requests');
    expect(String(row?.['sealed_response'])).not.toContain('response 1');
  });

  it('a repetition waits for the replica that has the first one, for longer than its lease', async () => {
    const upstream = await startUpstream();
    const { store, relays } = await startReplicas(upstream);
    const [one, other] = relays;
    let finish: () => void = () => undefined;
    upstream.respond = (response) => {
      finish = () => response.end('done');
    };
    const send = captured(commandForm());
    const first = send(one);
    await upstream.hasReceived(1);
    const repetition = send(other);
    const renew = new Promise<void>((resolve) => {
      const { handledRequests } = store;
      const renewed = handledRequests?.renew.bind(handledRequests);
      let count = 0;
      if (handledRequests && renewed) {
        handledRequests.renew = async (...args) => {
          await renewed(...args);
          // Four renewals take longer than the lease.
          if (++count === 4) resolve();
        };
      }
    });
    await renew;
    finish();
    expect(await Promise.all([first, repetition])).toEqual(['done', 'done']);
    expect(upstream.received).toHaveLength(1);
  });

  it('a command is forwarded while the database is down', async () => {
    const upstream = await startUpstream((response) => response.end('done'));
    const { database, relays } = await startReplicas(upstream);
    await database.query('alter table handled_requests rename to elsewhere');
    expect(await captured(commandForm())(relays[0])).toBe('done');
    expect(await relays[0].logText()).toContain('a replay would not be noticed: the store fails');
  });

  it('what was handled is forgotten when its signature is no longer valid', async () => {
    const upstream = await startUpstream();
    const { database, store, relays } = await startReplicas(upstream);
    const send = captured(commandForm());
    await send(relays[0]);
    await expect
      .poll(() => database.query('select 1 from handled_requests where sealed_response is not null'))
      .toHaveLength(1);
    await store.prune({ eventsBefore: 0, now: 0 });
    expect(await database.query('select 1 from handled_requests')).toHaveLength(1);
    await database.query('update handled_requests set expires_at = expires_at - 601000');
    await store.prune({ eventsBefore: 0, now: 0 });
    expect(await database.query('select 1 from handled_requests')).toHaveLength(0);
  });
});
