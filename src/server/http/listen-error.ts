import { UserError } from '../../user-error.ts';
import { type Address, formatAddress } from './address.ts';

/** The error `listen-failed`, for an address that cannot be listened on. */
export function listenError(address: Address, cause: NodeJS.ErrnoException): UserError {
  const { reason, hint } = describe(cause.code);
  const message = `cannot listen on ${formatAddress(address)}: ${reason}`;
  return new UserError('listen-failed', message, { hint, exitCode: 3, cause });
}

function describe(code: string | undefined): { readonly reason: string; readonly hint: string } {
  switch (code) {
    case 'EADDRINUSE':
      return {
        reason: 'the address is in use',
        hint: 'Stop the other process, or pass a free address with --listen or --admin-listen.',
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        reason: 'this machine has no such address',
        hint: 'Pass an address of this machine with --listen or --admin-listen, or 0.0.0.0 for all interfaces.',
      };
    case 'EACCES':
      return {
        reason: 'permission denied',
        hint: 'Pass a port from 1024 with --listen or --admin-listen.',
      };
    default:
      return {
        reason: code ?? 'unknown error',
        hint: 'Pass another address with --listen or --admin-listen.',
      };
  }
}
