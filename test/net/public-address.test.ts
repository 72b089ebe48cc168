import { describe, expect, it } from 'vitest';
import { isSpecialAddress } from '../../src/manifest/rules/special-address.ts';
import { whyNotPublic } from '../../src/net/public-address.ts';

describe('whyNotPublic', () => {
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '11.0.0.1', '2606:4700::1111', '64:ff9b::808:808'])(
    'finds %s public',
    (address) => {
      expect(whyNotPublic(address)).toBeUndefined();
      expect(isSpecialAddress(address)).toBe(false);
    },
  );

  it.each([
    ['10.0.0.1', /RFC 1918/],
    ['172.16.0.1', /RFC 1918/],
    ['172.31.255.255', /RFC 1918/],
    ['192.168.1.1', /RFC 1918/],
    ['127.0.0.1', /loopback/],
    ['::1', /loopback/],
    ['169.254.169.254', /link-local/],
    ['fe80::1', /link-local/],
    ['100.64.0.1', /carrier-grade NAT/],
    ['100.127.255.255', /carrier-grade NAT/],
    ['fd12:3456::1', /unique local/],
    ['192.0.2.1', /documentation/],
    ['198.51.100.1', /documentation/],
    ['203.0.113.1', /documentation/],
    ['2001:db8::1', /documentation/],
    ['3fff::1', /documentation/],
    ['::ffff:8.8.8.8', /mapped/],
    ['::ffff:10.0.0.1', /mapped/],
    ['64:ff9b::a00:1', /RFC 1918/],
    ['0.0.0.0', /unspecified/],
    ['224.0.0.1', /multicast/],
    ['255.255.255.255', /broadcast/],
    ['240.0.0.1', /reserved/],
    ['fec0::1', /special range/],
    ['100::1', /special range/],
  ])('reports why %s is not public', (address, reason) => {
    expect(whyNotPublic(address)).toMatch(reason);
    // What the rules for manifests say of it in short. They leave addresses with others in them alone.
    if (!/^64:|^::ffff/.test(address)) expect(isSpecialAddress(address)).toBe(true);
  });
});
