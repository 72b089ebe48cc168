import { describe, expect, it } from 'vitest';
import {
  clientAddress,
  clientNetwork,
  isTrustedProxy,
  parseProxies,
  peerAddress,
  type TrustedProxies,
} from '../../../src/server/http/client-address.ts';

function from(peer: string, forwarded: readonly string[], trusted: TrustedProxies): string {
  const headers = forwarded.length > 0 ? { 'x-forwarded-for': forwarded } : {};
  return clientAddress(peerAddress({ remoteAddress: peer }), headers, trusted);
}

describe('clientAddress', () => {
  const ranges = '10.0.0.0/8,2001:db8::/32,192.0.2.7';
  it.each([
    ['nobody is trusted', '203.0.113.5', ['198.51.100.1'], undefined, '203.0.113.5'],
    ['IPv4 in IPv6’s clothes', '::ffff:203.0.113.5', [], undefined, '203.0.113.5'],
    ['the peer is trusted', '203.0.113.5', ['198.51.100.1, 198.51.100.2'], 'peer', '198.51.100.2'],
    ['the peer names one address', '203.0.113.5', ['198.51.100.1'], 'peer', '198.51.100.1'],
    ['the peer says nothing', '203.0.113.5', [], 'peer', '203.0.113.5'],
    ['the peer says no address', '203.0.113.5', ['198.51.100.1, unknown'], 'peer', '203.0.113.5'],
    ['a chain of proxies', '10.0.0.1', ['198.51.100.1, 198.51.100.2, 10.9.9.9'], ranges, '198.51.100.2'],
    [
      'a chain in several headers',
      '10.0.0.1',
      ['198.51.100.1', '198.51.100.2', '192.0.2.7'],
      ranges,
      '198.51.100.2',
    ],
    ['IPv6', '2001:db8::1', ['2001:DB9::0:1'], ranges, '2001:db9::1'],
    ['only proxies', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], ranges, '10.0.0.3'],
    ['a peer that is none of the proxies', '203.0.113.5', ['198.51.100.1'], ranges, '203.0.113.5'],
    ['what is no address behind a proxy', '10.0.0.1', ['198.51.100.1, x'], ranges, '10.0.0.1'],
  ])('%s', (_name, peer, forwarded, trusted, client) => {
    const proxies = trusted === undefined ? 'none' : trusted === 'peer' ? trusted : parseProxies(trusted);
    expect(from(peer, forwarded, proxies)).toBe(client);
  });
});

it.each(['', 'localhost', '10.0.0', '10.0.0/8', '10', '10.0.0.0/33', '10.0.0.1;10.0.0.2'])(
  'refuses the proxies %j',
  (text) => {
    expect(() => parseProxies(text)).toThrow(
      expect.objectContaining({
        code: 'proxy-invalid',
        message: '--trust-proxy has a value that is not an address',
        hint: expect.stringContaining('such as 10.0.0.0/8,192.0.2.7'),
        exitCode: 2,
      }),
    );
  },
);

it.each([
  ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
  ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
  [' 192.0.2.7 , 10.0.0.0/8', '10.0.0.1', '192.0.2.6'],
  ['2001:db8::/32', '2001:db8::1', '2001:db9::1'],
  ['2001:db8::7', '2001:db8::7', '2001:db8::8'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.8'],
])('with the proxies %j trusts %s, and not %s', (text, proxy, other) => {
  const trusted = parseProxies(text);
  expect(isTrustedProxy(proxy, trusted)).toBe(true);
  expect(isTrustedProxy(other, trusted)).toBe(false);
  expect(isTrustedProxy('unknown', trusted)).toBe(false);
});

it('trusts any peer, or none', () => {
  expect(isTrustedProxy('192.0.2.7', 'peer')).toBe(true);
  expect(isTrustedProxy('192.0.2.7', 'none')).toBe(false);
});

it.each([
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8::0:1', '2001:db8::1'],
  [undefined, 'unknown'],
  ['', 'unknown'],
  ['/run/socket', 'unknown'],
])('calls the peer %j %s', (remoteAddress, peer) => {
  expect(peerAddress({ remoteAddress })).toBe(peer);
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8:1:3::', '2001:db8:1:3::'],
  ['unknown', 'unknown'],
  ['not:an:address', 'not:an:address'],
])('counts %s as %s', (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});
