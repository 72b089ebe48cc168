import { describe, expect, it } from 'vitest';
import { fail, pass, skip, warn } from '../../../src/doctor/check.ts';
import { onEachAddress } from '../../../src/doctor/probe/each-address.ts';
import type { Handshake } from '../../../src/doctor/probe/handshake.ts';
import type { Network } from '../../../src/doctor/probe/network.ts';

const good: Handshake = { connected: true, protocol: 'TLSv1.3', chain: [], objection: undefined };
const noRoute: Handshake = { connected: false, failure: { kind: 'no-route' } };

const networkOf = (hosts: Readonly<Record<string, Handshake>>): Pick<Network, 'visit'> => ({
  visit: async () =>
    Object.entries(hosts).map(([address, handshake]) => ({ place: { address, port: 443 }, handshake })),
});
const findings = {
  pass: pass('fine'),
  warn: warn('odd', 'Look.'),
  fail: fail('bad', 'Mend it.'),
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
    [['skip', 'skip'], 'skip', 'cannot look (all of 2 addresses)'],
  ] as const)('makes one finding of %j', async (statuses, status, detail) => {
    const hosts = Object.fromEntries(statuses.map((_, index) => [`10.0.0.${index + 1}`, good]));
    const finding = await onEachAddress(networkOf(hosts), 'a.example.com', async ({ place }) => {
      const index = Number(place.address.split('.').at(-1)) - 1;
      return findings[statuses[index] ?? 'skip'];
    });
    expect(finding).toMatchObject({ status, detail });
  });

  it('does not hold an address against a deployment that this machine has no route to', async () => {
    const network = networkOf({ '8.8.8.8': good, '2606:4700::1111': noRoute });
    const finding = await onEachAddress(network, 'a.example.com', async ({ handshake }) =>
      handshake.connected ? findings.pass : findings.fail,
    );
    expect(finding).toEqual({ status: 'pass', detail: 'fine (not tried from here: 2606:4700::1111)' });
  });

  it.each([
    ['cannot look where it has no route to IPv6, and the host nothing else', '2606:4700::1111', 'skip'],
    ['fails where it has no route to an IPv4 address', '8.8.8.8', 'fail'],
  ])('%s', async (_, address, status) => {
    const network = networkOf({ [address]: noRoute });
    expect(await onEachAddress(network, 'a.example.com', async () => findings.fail)).toMatchObject({
      status,
    });
  });

  it('tells each thing that it saw with its addresses, and what to do about each', async () => {
    const network = networkOf({ '10.0.0.1': good, '10.0.0.2': good, '10.0.0.3': good });
    const finding = await onEachAddress(network, 'a.example.com', async ({ place }) =>
      place.address === '10.0.0.2' ? fail('502', 'Start it.') : fail('404', 'Enable it.'),
    );
    expect(finding).toEqual({
      status: 'fail',
      detail: '10.0.0.1, 10.0.0.3 (2 of 3 addresses): 404; 10.0.0.2 (1 of 3 addresses): 502',
      hint: 'Enable it. Start it.',
    });
  });
});
