import pg from 'pg';
import { classifyFailure, describeFailure } from '../../net/connection-failure.ts';
import { UserError } from '../../user-error.ts';
import { NoWritableHost, ReadOnlyHost } from './hosts.ts';

/** What went wrong, as a clause, and what to do. */
interface Description {
  readonly message: string;
  readonly hint: string;
}

/**
 * Turns any error of opening a store into one that says what to do.
 *
 * @param location of the store, without secrets
 * @returns `cause` if it says so already, else `store-unusable`
 */
export function openFailure(cause: unknown, location: string): UserError {
  if (cause instanceof UserError) return cause;
  const { message, hint } = describe(cause);
  return new UserError('store-unusable', `cannot use the store ${location}: ${message}`, {
    hint,
    exitCode: 3,
    cause,
  });
}

function describe(cause: unknown): Description {
  if (cause instanceof NoWritableHost) return describeAll(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof ReadOnlyHost) return { message, hint: namePrimary };
  if (cause instanceof pg.DatabaseError) return { message, hint: hintFor(cause.code ?? '', message) };
  const failure = classifyFailure(cause);
  if (failure === undefined || failure.kind === 'other') return { message, hint: hintFor('', message) };
  return {
    message: describeFailure(failure),
    hint:
      failure.kind === 'certificate'
        ? 'Pass the certificate authority with sslrootcert=FILE, and use the host name in the certificate; see sslmode in docs/replicas.md.'
        : checkServer,
  };
}

/** The hint is that of the first host which is not merely a standby, as most hosts are. */
function describeAll({ failures }: NoWritableHost): Description {
  const all = failures.map(({ host, cause }) => ({ host, cause, ...describe(cause) }));
  const telling = all.find(({ cause }) => !(cause instanceof ReadOnlyHost));
  return {
    message: `no host accepts writes (${all.map(({ host, message }) => `${host}: ${message}`).join('; ')})`,
    hint: telling?.hint ?? namePrimary,
  };
}

const checkServer = 'Check that the server runs and that this machine can reach it.';
const namePrimary = 'Name the primary: this server is a standby, or was set to read-only.';

/** @param code the SQLSTATE; empty for an error that node-postgres makes itself */
function hintFor(code: string, message: string): string {
  // Without a password, node-postgres itself fails with the words of the protocol.
  if (/^28/.test(code) || message.startsWith('SASL')) {
    return 'Check the user name and the password in DATABASE_URL, or in PGUSER and PGPASSWORD.';
  }
  if (code === '3D000') return 'Create the database with createdb, or name another one.';
  if (code === '25006') return namePrimary;
  if (code === '42501') return 'Grant the user the right to create tables in its schema.';
  if (code === '42P07') return 'Give this program its own database or schema.';
  if (code === '53300')
    return 'Raise max_connections of the server, or lower pool_max_conns in the URL of each replica.';
  // PostgreSQL itself knows every parameter that is sent.
  if (code === '08P01' && message.startsWith('unsupported startup parameter')) {
    return 'This is PgBouncer: add the parameter to its ignore_startup_parameters, and set it for the role; see "Poolers" in docs/replicas.md.';
  }
  if (/SSL/.test(message)) return 'Check sslmode in the URL, and whether the server offers TLS.';
  return code === '' ? checkServer : 'See the log of PostgreSQL for more.';
}
