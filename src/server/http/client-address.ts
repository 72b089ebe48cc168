import { isIP, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../../user-error.ts';
import type { RequestHeaders } from './headers.ts';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Whose `X-Forwarded-For` is trusted: nobody's, that of any peer, or that of the proxies in these ranges. */
export type TrustedProxies = 'none' | 'peer' | readonly Range[];

/**
 * Parses trusted proxies: addresses or ranges, separated by commas.
 *
 * @throws UserError `proxy-invalid`
 */
export function parseProxies(text: string): TrustedProxies {
  return text.split(',').map((part): Range => {
    const range = part.trim();
    // ipaddr.js reads 10.0.0 as 10.0.0.0, as inet_aton does. It was probably meant as a range: reject it.
    const whole = isIP(range.split('/', 1)[0] ?? '') !== 0;
    if (whole && ipaddr.isValidCIDR(range)) return ipaddr.parseCIDR(range);
    if (whole && ipaddr.isValid(range)) {
      const address = ipaddr.process(range);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    }
    throw new UserError('proxy-invalid', '--trust-proxy has a value that is not an address', {
      hint: 'Pass addresses or ranges, such as 10.0.0.0/8,192.0.2.7, or no value to trust every peer.',
      exitCode: 2,
    });
  });
}

/** The address of a connection's peer. */
export function peerAddress({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string {
  return normalise(remoteAddress ?? '') ?? 'unknown';
}

/**
 * The address of a request's client. Behind a trusted proxy it is the last address in `X-Forwarded-For` that is not a
 * trusted proxy's: the client can forge the ones before it.
 *
 * @param peer see {@link peerAddress}
 */
export function clientAddress(peer: string, headers: RequestHeaders, trusted: TrustedProxies): string {
  if (trusted === 'none') return peer;
  const forwarded = (headers['x-forwarded-for'] ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => normalise(value.trim()));
  if (trusted === 'peer') return forwarded.at(-1) ?? peer;
  let client = peer;
  while (isWithin(client, trusted)) {
    const before = forwarded.pop();
    if (before === undefined) break;
    client = before;
  }
  return client;
}

/** Whether a peer is a trusted proxy. @param peer see {@link peerAddress} */
export function isTrustedProxy(peer: string, trusted: TrustedProxies): boolean {
  return trusted === 'peer' || (trusted !== 'none' && isWithin(peer, trusted));
}

/** What counts as one client: an address, or the /64 network of an IPv6 address, of which one client has 2^64. */
export function clientNetwork(address: string): string {
  if (!address.includes(':')) return address;
  return ipaddr.IPv6.isValid(address)
    ? ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()
    : address;
}

/** Normalises an IP address, IPv4-mapped IPv6 included. @returns undefined if it is not one */
function normalise(address: string): string | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : undefined;
}

function isWithin(address: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
}
