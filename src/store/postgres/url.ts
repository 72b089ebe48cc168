import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { UserError } from '../../user-error.ts';

/** Where a PostgreSQL server is and how to connect, in terms of node-postgres. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  /** If user, password or database is undefined, node-postgres uses libpq's variables. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly ssl: false | ConnectionOptions;
  /** Session settings, such as `-c search_path=slack`. */
  readonly options: string | undefined;
  readonly applicationName: string;
  readonly poolSize: number;
  /** `postgres://host:port/database`, without secrets. */
  readonly location: string;
}

const parameters = [
  'application_name',
  'host',
  'options',
  'pool_max_conns',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
] as const;

type Parameters = ReadonlyMap<(typeof parameters)[number], string>;

const format = 'postgres://USER@HOST:PORT/DATABASE (in DATABASE_URL: USER:PASSWORD@)';

/** Whether a store location is the URL of a PostgreSQL server. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:/i.test(location);
}

/**
 * Reads a connection URL in libpq's format
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS), and the files that it names.
 *
 * @param cwd the folder that relative file names refer to
 * @throws UserError `store-invalid`; its message contains no part of the URL that could be the password
 */
export async function readPostgresUrl(location: string, cwd: string): Promise<PostgresAddress> {
  const url = parse(location);
  const given = readParameters(url.searchParams);
  const host = decode(given.get('host') ?? url.hostname.replace(/^\[|\]$/g, '')) || 'localhost';
  const port = Number(url.port) || 5432;
  const database = decode(url.pathname.slice(1)) || undefined;
  const poolSize = Number(given.get('pool_max_conns') ?? 10);
  if (!Number.isInteger(poolSize) || poolSize < 1)
    throw invalid('has a pool_max_conns that is not a positive number');
  return {
    host,
    port,
    database,
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    ssl: await readTls(given, cwd),
    options: given.get('options'),
    applicationName: given.get('application_name') ?? 'spacelift-slack',
    poolSize,
    location: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`,
  };
}

function parse(location: string): URL {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(location)?.[1] ?? '';
  if (authority.includes(',')) throw invalid('names several hosts; only one is supported');
  const url = URL.canParse(location) ? new URL(location) : undefined;
  // An @ after the authority means that the password contains an unencoded / ? or #.
  if (!url || !location.includes('://') || /[@#]/.test(url.pathname + url.search + url.hash)) {
    throw invalid('cannot be read');
  }
  if (url.pathname.indexOf('/', 1) > 0)
    throw invalid('has a path with several parts; expected a database name');
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('cannot be read');
  }
}

function readParameters(search: URLSearchParams): Parameters {
  const given = new Map<(typeof parameters)[number], string>();
  for (const [name, value] of search) {
    const known = parameters.find((parameter) => parameter === name);
    if (known === undefined || given.has(known)) {
      // A name that could be part of a password is not shown.
      const shown = /^[a-z_]{1,40}$/.test(name) ? `the parameter ${name}` : 'a parameter';
      const problem = known === undefined ? `${shown} that is not supported` : `${known} twice`;
      throw invalid(`has ${problem}`, `Use only these parameters: ${parameters.join(', ')}.`);
    }
    given.set(known, value);
  }
  return given;
}

async function readTls(given: Parameters, cwd: string): Promise<false | ConnectionOptions> {
  const file = async (name: 'sslrootcert' | 'sslcert' | 'sslkey') => {
    const path = given.get(name);
    if (path === undefined) return undefined;
    return readFile(resolve(cwd, path), 'utf8').catch((cause: unknown) => {
      throw invalid(
        `names a file that cannot be read: ${name}=${path}`,
        'Check the name and the permissions of the file.',
        cause,
      );
    });
  };
  const [ca, cert, key] = await Promise.all([file('sslrootcert'), file('sslcert'), file('sslkey')]);
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const mode = given.get('sslmode') ?? (Object.keys(files).length > 0 ? 'verify-full' : 'disable');
  switch (mode) {
    case 'disable':
      return false;
    // libpq would only check that there is TLS, which does not stop a man in the middle.
    case 'require':
    case 'verify-full':
      return { ...files, rejectUnauthorized: true };
    case 'verify-ca':
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'no-verify':
      return { ...files, rejectUnauthorized: false };
    default:
      throw invalid(
        'has an sslmode that is not supported',
        'Use one of disable, require, verify-full, verify-ca, no-verify. allow and prefer could silently connect without TLS.',
      );
  }
}

function invalid(problem: string, hint?: string, cause?: unknown): UserError {
  return new UserError('store-invalid', `the PostgreSQL URL ${problem}`, {
    hint: hint ?? `Write it as ${format}, with special characters percent-encoded.`,
    exitCode: 2,
    cause,
  });
}
