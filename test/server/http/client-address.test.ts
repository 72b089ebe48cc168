import { describe, expect, it } from 'vitest';
import {
  clientAddress,
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
    expect(() => parseProxies(text)).toThrow(expect.objectContaining({ code: 'proxy-invalid', exitCode: 2 }));
  },
);
