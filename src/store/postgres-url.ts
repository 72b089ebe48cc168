import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { UserError } from '../user-error.ts';

/** Where a PostgreSQL is and how to connect, in the words of node-postgres. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  /** As the two below: where it is missing, node-postgres takes what libpq's variables say. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly ssl: false | ConnectionOptions;
  /** Settings for the session, such as `-c search_path=slack`. */
  readonly options: string | undefined;
  readonly applicationName: string;
  readonly poolSize: number;
  /** `postgres://host:port/database`: what may be shown. */
  readonly place: string;
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

const form = 'postgres://USER@HOST:PORT/DATABASE, in DATABASE_URL with :PASSWORD behind USER';

/** Tells whether a store is named by the URL of a PostgreSQL. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:/i.test(location);
}

/**
 * Reads a connection URL as libpq has them
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS), and the files that it names.
 *
 * @param cwd what relative file names start from
 * @throws UserError `store-invalid`; it shows no part of the URL that could be the password
 */
export async function readPostgresUrl(location: string, cwd: string): Promise<PostgresAddress> {
  const url = parse(location);
  const given = readParameters(url.searchParams);
  const host = decode(given.get('host') ?? url.hostname.replace(/^\[|\]$/g, '')) || 'localhost';
  const port = Number(url.port) || 5432;
  const database = decode(url.pathname.slice(1)) || undefined;
  const poolSize = Number(given.get('pool_max_conns') ?? 10);
  if (!Number.isInteger(poolSize) || poolSize < 1) throw invalid('pool_max_conns is not a positive number');
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
    place: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`,
  };
}

function parse(location: string): URL {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(location)?.[1] ?? '';
  if (authority.includes(',')) throw invalid('names several hosts, of which it may name one');
  const url = URL.canParse(location) ? new URL(location) : undefined;
  // An @ this late was meant to end a password that holds one of / ? # as it is.
  if (!url || !location.includes('://') || /[@#]/.test(url.pathname + url.search + url.hash)) {
    throw invalid('cannot be read');
  }
  if (url.pathname.indexOf('/', 1) > 0) throw invalid('names no database, but a path');
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
      // What looks like a part of a password is not shown.
      const shown = /^[a-z_]{1,40}$/.test(name) ? `the parameter ${name}` : 'a parameter';
      const problem = known === undefined ? `${shown}, which is not known here` : `${known} twice`;
      throw invalid(`has ${problem}`, `Of the parameters these are taken: ${parameters.join(', ')}.`);
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
      throw invalid(`names a file that cannot be read: ${name}=${path}`, 'Check its name and mode.', cause);
    });
  };
  const [ca, cert, key] = await Promise.all([file('sslrootcert'), file('sslcert'), file('sslkey')]);
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const mode = given.get('sslmode') ?? (Object.keys(files).length > 0 ? 'verify-full' : 'disable');
  switch (mode) {
    case 'disable':
      return false;
    // libpq would check nothing but that there is TLS, which keeps nobody out who sits in between.
    case 'require':
    case 'verify-full':
      return { ...files, rejectUnauthorized: true };
    case 'verify-ca':
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'no-verify':
      return { ...files, rejectUnauthorized: false };
    default:
      throw invalid(
        'has an sslmode that is not taken here',
        'One of disable, require, verify-full, verify-ca, no-verify. allow and prefer would go on without TLS unseen.',
      );
  }
}

function invalid(problem: string, hint?: string, cause?: unknown): UserError {
  return new UserError('store-invalid', `the URL of the PostgreSQL ${problem}`, {
    hint: hint ?? `Write it as ${form}, and with special characters percent-encoded.`,
    exitCode: 2,
    cause,
  });
}
