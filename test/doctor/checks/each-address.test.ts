import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../../src/doctor/catalogue/catalogue.ts';
import { type CheckResult, fail, pass, skip, warn } from '../../../src/doctor/check.ts';
import { onEachAddress } from '../../../src/doctor/checks/each-address.ts';
import type { Handshake } from '../../../src/doctor/probe/handshake.ts';
import type { Lookup } from '../../../src/doctor/probe/name-lookup.ts';
import type { Network } from '../../../src/doctor/probe/network.ts';

const connected: Handshake = { connected: true, protocol: 'TLSv1.3', chain: [], objection: undefined };
const noRoute: Handshake = { connected: false, failure: { kind: 'no-route' } };
const refused: Handshake = { connected: false, failure: { kind: 'refused' } };

interface Given {
  readonly addresses: Readonly<Record<string, Handshake>>;
  readonly reporter?: CheckId;
  readonly lookups?: Readonly<Record<string, Lookup>>;
  readonly check?: (address: string) => CheckResult;
}

function run({ addresses, reporter, lookups = {}, check = () => results.pass }: Given) {
  const network: Network = {
    usesGivenResolver: false,
    lookUp: async (host) => lookups[host] ?? { found: false, code: 'ETIMEOUT' },
    route: () => undefined,
    handshakes: async () =>
      Object.entries(addresses).map(([address, handshake]) => ({ peer: { address, port: 443 }, handshake })),
    send: () => Promise.reject(new Error('not part of these tests')),
    roots: () => [],
  };
  return onEachAddress(
    { network, connectionReporter: reporter },
    { id: 'tls.trusted', host: 'a.example.com', check: async ({ address }) => check(address) },
  );
}

const results = {
  pass: pass('fine'),
  warn: warn('odd', 'Look.'),
  fail: fail('bad', 'Fix it.'),
  skip: skip('cannot look'),
};

describe('onEachAddress', () => {
  it.each([
    [['pass'], 'pass', 'fine'],
    [['pass', 'pass'], 'pass', 'fine (each of 2 addresses)'],
    [['pass', 'fail'], 'fail', '10.0.0.2 (1 of 2 addresses): bad'],
    [['fail', 'pass', 'fail'], 'fail', '10.0.0.1, 10.0.0.3 (2 of 3 addresses): bad'],
    [['fail', 'fail'], 'fail', 'bad (all of 2 addresses)'],
    [['warn', 'pass'], 'warn', '10.0.0.1 (1 of 2 addresses): odd'],
    [['warn', 'fail'], 'fail', '10.0.0.2 (1 of 2 addresses): bad'],
    [['pass', 'skip'], 'pass', 'fine (not seen on 10.0.0.2)'],
    [['pass', 'skip', 'skip'], 'pass', 'fine (not seen on 10.0.0.2, 10.0.0.3)'],
    [['skip', 'skip'], 'skip', 'cannot look (all of 2 addresses)'],
  ] as const)('makes one result of %j', async (statuses, status, detail) => {
    const addresses = Object.fromEntries(statuses.map((_, index) => [`10.0.0.${index + 1}`, connected]));
    const result = await run({
      addresses,
      check: (address) => results[statuses[Number(address.split('.').at(-1)) - 1] ?? 'skip'],
    });
    expect(result).toMatchObject({ status, detail });
  });

  it('leaves out an address that this machine has no route to', async () => {
    expect(await run({ addresses: { '8.8.8.8': connected, '2606:4700::1111': noRoute } })).toEqual({
      status: 'pass',
      detail: 'fine (not checked from here: 2606:4700::1111)',
    });
  });

  it.each([
    ['skips if the host has IPv6 addresses only and there is no route to them', '2606:4700::1111', 'skip'],
    ['fails if there is no route to an IPv4 address', '8.8.8.8', 'fail'],
  ])('%s', async (_, address, status) => {
    expect(await run({ addresses: { [address]: noRoute } })).toMatchObject({ status });
  });

  it('says where to run instead without a route to IPv6, and judges a host where there is one', async () => {
    expect(await run({ addresses: { '2606:4700::1111': noRoute, '2606:4700::1112': noRoute } })).toEqual({
      status: 'skip',
      detail: 'a.example.com has IPv6 addresses only, and this machine has no route to them',
      hint: 'Run doctor from a machine with IPv6.',
    });
    const addresses = {
      '2606:4700::1111': connected,
      '2606:4700::1112': noRoute,
      '2606:4700::1113': noRoute,
    };
    expect(await run({ addresses })).toEqual({
      status: 'pass',
      detail: 'fine (not checked from here: 2606:4700::1112, 2606:4700::1113)',
    });
  });

  it('does not leave out an address that refuses connections', async () => {
    expect(await run({ addresses: { '8.8.8.8': connected, '8.8.4.4': refused } })).toMatchObject({
      status: 'fail',
      detail: '8.8.4.4 (1 of 2 addresses): connection refused',
    });
  });

  it('judges a host of both families to which there is no route by all its addresses', async () => {
    expect(await run({ addresses: { '8.8.8.8': noRoute, '2606:4700::1111': noRoute } })).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/ \(all of 2 addresses\)$/),
    });
  });

  it('names what passed in different ways, and where nothing was seen', async () => {
    const seen: Readonly<Record<string, CheckResult>> = {
      '10.0.0.1': pass('401'),
      '10.0.0.2': pass('403'),
      '10.0.0.3': pass('401'),
    };
    const result = await run({
      addresses: {
        '10.0.0.1': connected,
        '10.0.0.2': connected,
        '10.0.0.3': connected,
        '10.0.0.4': connected,
      },
      check: (address) => seen[address] ?? results.skip,
    });
    expect(result).toEqual({
      status: 'pass',
      detail:
        '10.0.0.1, 10.0.0.3 (2 of 4 addresses): 401; 10.0.0.2 (1 of 4 addresses): 403 (not seen on 10.0.0.4)',
    });
  });

  it('names what passed in different ways everywhere', async () => {
    const result = await run({
      addresses: { '10.0.0.1': connected, '10.0.0.2': connected },
      check: (address) => pass(address === '10.0.0.1' ? '401' : '403'),
    });
    expect(result.detail).toBe('10.0.0.1 (1 of 2 addresses): 401; 10.0.0.2 (1 of 2 addresses): 403');
  });

  it.each([
    [true, true],
    [undefined, undefined],
  ])('blames a given value if each failure does (%s)', async (second, blamed) => {
    const result = await run({
      addresses: { '10.0.0.1': connected, '10.0.0.2': connected, '10.0.0.3': connected },
      check: (address) => {
        if (address === '10.0.0.3') return results.pass;
        const isBlamed = address === '10.0.0.1' || second;
        return { ...results.fail, ...(isBlamed && { inputAtFault: true }) };
      },
    });
    expect(result.inputAtFault).toBe(blamed);
  });

  it('names each observation with its addresses, and what to do about each', async () => {
    const result = await run({
      addresses: { '10.0.0.1': connected, '10.0.0.2': connected, '10.0.0.3': connected },
      check: (address) => (address === '10.0.0.2' ? fail('502', 'Start it.') : fail('404', 'Enable it.')),
    });
    expect(result).toEqual({
      status: 'fail',
      detail: '10.0.0.1, 10.0.0.3 (2 of 3 addresses): 404; 10.0.0.2 (1 of 3 addresses): 502',
      hint: 'Enable it. Start it.',
    });
  });

  it('reports a failed connection once in a run', async () => {
    const addresses = { '10.0.0.1': refused };
    expect(await run({ addresses })).toMatchObject({ status: 'fail', detail: 'connection refused' });
    expect(await run({ addresses, reporter: 'tls.trusted' })).toMatchObject({
      status: 'fail',
      detail: 'connection refused',
    });
    expect(await run({ addresses, reporter: 'webhook.reachable' })).toEqual({
      status: 'skip',
      detail: 'no connection was made; webhook.reachable reports why',
    });
  });

  it('reports a name without an address once in a run, and whose fault it is', async () => {
    const slack = { 'slack.com': { found: true, addresses: ['3.3.3.3'] } } as const;
    expect(await run({ addresses: {}, reporter: 'tls.trusted', lookups: slack })).toMatchObject({
      status: 'fail',
      detail: 'the resolver gives no response for a.example.com (ETIMEOUT)',
    });
    expect(await run({ addresses: {}, reporter: 'tls.trusted' })).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('the DNS or the network of this machine is at fault'),
    });
    expect(await run({ addresses: {}, reporter: 'tls.version' })).toMatchObject({ status: 'skip' });
    const withoutAddress = { 'a.example.com': { found: true, addresses: [] } } as const;
    expect(await run({ addresses: {}, lookups: { ...slack, ...withoutAddress } })).toMatchObject({
      status: 'fail',
      detail: 'a.example.com exists in DNS, but has no address',
    });
  });
});
