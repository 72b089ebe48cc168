/**
 * Address ranges that cannot be reached from the public internet (IANA's special-purpose registries): private, loopback,
 * link-local, shared, documentation, benchmarking, multicast and reserved ones. src/net/public-address.ts says why for
 * each, with tables that `manifest` need not load.
 */
const ranges = {
  ipv4: '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
  ipv6: '::/127 64:ff9b:1::/48 100::/64 2001:db8::/32 3fff::/20 fc00::/7 fe80::/10 fec0::/10 ff00::/8',
} as const;

/** @param address IPv4 as four numbers, or IPv6 without brackets */
export function isSpecialAddress(address: string): boolean {
  // Loaded here, because most manifests contain no address.
  const { BlockList } = process.getBuiltinModule('node:net');
  const special = new BlockList();
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const range of ranges[family].split(' ')) {
      const [network = '', prefix] = range.split('/');
      special.addSubnet(network, Number(prefix), family);
    }
  }
  return special.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
