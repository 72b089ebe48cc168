import { isIP, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../../user-error.ts';
import type { RequestHeaders } from './headers.ts';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Whom to believe what `X-Forwarded-*` says: nobody, whoever is connected, or the proxies of these ranges. */
export type TrustedProxies = 'none' | 'peer' | readonly Range[];

/**
 * Reads the proxies that are trusted, as addresses or ranges with commas between.
 *
 * @throws UserError `proxy-invalid`
 */
export function parseProxies(text: string): TrustedProxies {
  return text.split(',').map((part): Range => {
    const range = part.trim();
    // ipaddr.js reads 10.0.0 as inet_aton does, as 10.0.0.0: whoever writes that has meant a range.
    const whole = isIP(range.split('/', 1)[0] ?? '') !== 0;
    if (whole && ipaddr.isValidCIDR(range)) return ipaddr.parseCIDR(range);
    if (whole && ipaddr.isValid(range)) {
      const address = ipaddr.process(range);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    }
    throw new UserError('proxy-invalid', '--trust-proxy names something that is no address', {
      hint: 'Give the proxies by address or range, such as 10.0.0.0/8,192.0.2.7, or nothing to trust whoever connects.',
      exitCode: 2,
    });
  });
}

/** The address at the other end of a connection. */
export function peerAddress({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string {
  return normal(remoteAddress ?? '') ?? 'unknown';
}

/**
 * The address of whoever made a request. Behind a trusted proxy it is the last one in `X-Forwarded-For` that no
 * trusted proxy has; what stands before it anybody can have written.
 *
 * @param peer by {@link peerAddress}
 */
export function clientAddress(peer: string, headers: RequestHeaders, trusted: TrustedProxies): string {
  if (trusted === 'none') return peer;
  const forwarded = (headers['x-forwarded-for'] ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => normal(value.trim()));
  if (trusted === 'peer') return forwarded.at(-1) ?? peer;
  let client = peer;
  while (isWithin(client, trusted)) {
    const before = forwarded.pop();
    if (before === undefined) break;
    client = before;
  }
  return client;
}

/** One spelling an address, IPv4 in IPv6's clothes included; undefined for what is none. */
function normal(address: string): string | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : undefined;
}

function isWithin(address: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
}
