import ipaddr from 'ipaddr.js';

/**
 * Why an address cannot be reached from the public internet, as a clause that follows the address; undefined if it can.
 * The ranges are those of the IANA special-purpose registries, as listed in ipaddr.js.
 *
 * @param address an IPv4 or IPv6 address as text
 */
export function whyNotPublic(address: string): string | undefined {
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range === 'unicast') return undefined;
  // RFC 6052: in a network without IPv4 the resolver maps an A record to such an address. Slack gets the A record.
  if (range === 'rfc6052' && parsed instanceof ipaddr.IPv6) {
    return whyNotPublic(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
  }
  return meanings[range] ?? `is in the special range ${range}`;
}

const meanings: Readonly<Record<string, string>> = {
  private: 'is private (RFC 1918)',
  loopback: 'is a loopback address',
  linkLocal: 'is link-local',
  carrierGradeNat: 'belongs to carrier-grade NAT (RFC 6598)',
  uniqueLocal: 'is private (unique local, RFC 4193)',
  ipv4Mapped: 'is an IPv4-mapped IPv6 address, which an AAAA record must not hold',
  unspecified: 'is unspecified',
  broadcast: 'is the broadcast address',
  multicast: 'is a multicast address',
  reserved: 'is reserved for documentation or tests',
};
