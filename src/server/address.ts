import { isIPv6 } from 'node:net';
import { UserError } from '../user-error.ts';

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
  throw new UserError('address-invalid', `${option} is no address to listen on`, {
    hint: 'Give a host and a port, such as 127.0.0.1:3000, or 0.0.0.0:3000 for every interface.',
    exitCode: 2,
  });
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
