import ipaddr from 'ipaddr.js';

/**
 * Says why no packet from the public internet reaches an address, as a clause that follows it; undefined where one
 * does. The ranges are those of the IANA special-purpose registries, as ipaddr.js keeps them.
 *
 * @param address in the notation of IPv4 or IPv6
 */
export function whyNotPublic(address: string): string | undefined {
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range === 'unicast') return undefined;
  // RFC 6052: what a resolver of a network without IPv4 makes out of an A record. Slack never sees it.
  if (range === 'rfc6052' && parsed instanceof ipaddr.IPv6) {
    return whyNotPublic(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
  }
  return meanings[range] ?? `is in the special range ${range}`;
}

const meanings: Readonly<Record<string, string>> = {
  private: 'is private (RFC 1918)',
  loopback: 'is the loopback address of whoever asks',
  linkLocal: 'is link-local',
  carrierGradeNat: 'belongs to carrier-grade NAT (RFC 6598)',
  uniqueLocal: 'is private (unique local, RFC 4193)',
  ipv4Mapped: 'is an IPv4 address mapped into IPv6, which no AAAA record may hold',
  unspecified: 'is unspecified',
  broadcast: 'is the broadcast address',
  multicast: 'is a multicast address',
  reserved: 'is reserved for documentation or tests',
};
