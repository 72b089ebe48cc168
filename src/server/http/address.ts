import { isIPv6 } from 'node:net';
import { UserError } from '../../user-error.ts';

/** Where to listen. Port 0 takes any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads an address as operators write it: `127.0.0.1:3000`, `[::]:3000`, `localhost:3000`.
 *
 * @param option the option that it came with, for the error
 * @throws UserError `address-invalid`
 */
export function parseAddress(text: string, option: string): Address {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 === undefined ? name : isIPv6(ipv6) ? ipv6 : undefined;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new UserError('address-invalid', `${option} ${problemWith(text)}`, {
    hint: 'Give a host and a port, such as 127.0.0.1:3000 or [::1]:3000, or 0.0.0.0:3000 for every interface.',
    exitCode: 2,
  });
}

/** Why a text is no address, as the end of a sentence. */
function problemWith(text: string): string {
  if (text.includes('://')) return 'has a scheme, where a host and a port are all there is';
  if (text.includes('/')) return 'has a path, where a host and a port are all there is';
  if (/^:?\d+$/.test(text)) return 'names a port and no host';
  if (!text.startsWith('[') && text.split(':').length > 2) return 'has an IPv6 address without brackets';
  const [, port] = /:([^:\]]*)$/.exec(text) ?? [];
  if (port === undefined || port === '') return 'names no port';
  return /^\d+$/.test(port) && Number(port) <= 65_535
    ? 'names a host that cannot be one'
    : 'has a port that is not a number up to 65535';
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
