import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { isInterruption } from '../../files/file-error.ts';
import { type InputWait, readInput } from '../../files/read-input.ts';
import type { UserError } from '../../user-error.ts';

/** How the connection to a server is protected. */
export interface PostgresTls {
  /** In terms of node-postgres. */
  readonly ssl: false | ConnectionOptions;
  /** What the operator should know about it; undefined if it is verified, or does not leave the machine. */
  readonly warning: string | undefined;
}

/** A host of this machine: the folder of a Unix socket, or a loopback address. */
function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('/') || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Reads how to connect with TLS, and the files that the parameters name. Without `sslmode`, a password leaves this machine
 * only over TLS that is verified.
 *
 * @param given the parameters of the URL
 * @param where `cwd`: the folder that relative file names refer to
 * @param invalid makes the error for a wrong URL: what is wrong, what to do, and the cause
 * @throws UserError `store-invalid`
 */
export async function readTls(
  given: ReadonlyMap<string, string>,
  hosts: readonly { readonly host: string }[],
  where: { readonly cwd: string; readonly inputWait: InputWait | undefined },
  invalid: (problem: string, hint?: string, cause?: unknown) => UserError,
): Promise<PostgresTls> {
  const file = async (name: 'sslrootcert' | 'sslcert' | 'sslkey') => {
    const path = given.get(name);
    if (path === undefined) return undefined;
    try {
      return (
        await readInput(resolve(where.cwd, path), `the file ${path} (${name})`, where.inputWait)
      ).toString();
    } catch (cause) {
      if (isInterruption(cause)) throw cause;
      throw invalid(
        `names a file that cannot be read: ${name}=${path}`,
        'Check the name and the permissions of the file.',
        cause,
      );
    }
  };
  const [ca, cert, key] = await Promise.all([file('sslrootcert'), file('sslcert'), file('sslkey')]);
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const isOnlyLocal = hosts.every(({ host }) => isLocal(host));
  const mode =
    given.get('sslmode') ?? (isOnlyLocal && Object.keys(files).length === 0 ? 'disable' : 'verify-full');
  const warn = (problem: string) => (isOnlyLocal ? undefined : `sslmode=${mode}: ${problem}`);
  switch (mode) {
    case 'disable':
      return { ssl: false, warning: warn('the connection to PostgreSQL is not encrypted') };
    // libpq would only check that there is TLS, which does not stop a man in the middle.
    case 'require':
    case 'verify-full':
      return { ssl: { ...files, rejectUnauthorized: true }, warning: undefined };
    case 'verify-ca':
      return {
        ssl: { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined },
        warning: warn('the name of the PostgreSQL server is not verified'),
      };
    case 'no-verify':
      return {
        ssl: { ...files, rejectUnauthorized: false },
        warning: warn('the certificate of the PostgreSQL server is not verified'),
      };
    default:
      throw invalid(
        'has an sslmode that is not supported',
        'Use one of disable, require, verify-full, verify-ca, no-verify. allow and prefer could silently connect without TLS.',
      );
  }
}
