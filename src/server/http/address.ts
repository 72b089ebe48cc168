import { isIPv6 } from 'node:net';
import { UserError } from '../../user-error.ts';

/** An address to listen on. Port 0 is any free port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses an address such as `127.0.0.1:3000`, `[::]:3000` or `localhost:3000`.
 *
 * @param option its option, for the error
 * @throws UserError `address-invalid`
 */
export function parseAddress(text: string, option: string): Address {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 === undefined ? name : isIPv6(ipv6) ? ipv6 : undefined;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new UserError('address-invalid', `${option} ${problemWith(text)}`, {
    hint: 'Pass a host and a port, such as 127.0.0.1:3000 or [::1]:3000, or 0.0.0.0:3000 for all interfaces.',
    exitCode: 2,
  });
}

/** Why the text is not an address, as the end of a sentence. */
function problemWith(text: string): string {
  if (text.includes('://')) return 'has a scheme; expected a host and a port only';
  if (text.includes('/')) return 'has a path; expected a host and a port only';
  if (/^:?\d+$/.test(text)) return 'has a port but no host';
  if (!text.startsWith('[') && text.split(':').length > 2) return 'has an IPv6 address without brackets';
  const [, port] = /:([^:\]]*)$/.exec(text) ?? [];
  if (port === undefined || port === '') return 'has no port';
  return /^\d+$/.test(port) && Number(port) <= 65_535
    ? 'has an invalid host'
    : 'has a port that is not a number up to 65535';
}

/** Whether only one of two listeners can have its address: `localhost` may be 127.0.0.1 or ::1. */
export function isSameAddress(one: Address, other: Address): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  const hosts = [one, other].map(({ host }) => host.toLowerCase());
  const isLoopback = (host: string) => ['localhost', '127.0.0.1', '::1'].includes(host);
  return hosts[0] === hosts[1] || (hosts.includes('localhost') && hosts.every(isLoopback));
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
