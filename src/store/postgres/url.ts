import type { InputWait } from '../../files/read-input.ts';
import { parseUrl } from '../../parse-url.ts';
import { UserError } from '../../user-error.ts';
import { parseOptions, type SessionSettings } from './options.ts';
import { type PostgresTls, readTls } from './tls.ts';

/** Where a PostgreSQL server is and how to connect, in terms of node-postgres. */
export interface PostgresAddress {
  /** At least one. One of them accepts writes at a time. */
  readonly hosts: readonly Host[];
  /** Whether each new connection is checked to accept writes. */
  readonly readWrite: boolean;
  /** How long one host has to accept a connection, in milliseconds; undefined for the default. */
  readonly connectTimeoutMs: number | undefined;
  readonly database: string | undefined;
  /** If user, password or database is undefined, node-postgres uses libpq's variables. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: PostgresTls;
  /** Session settings, such as `-c search_path=slack`, as the protocol carries them. */
  readonly options: string | undefined;
  /** The same, parsed. */
  readonly settings: SessionSettings;
  readonly applicationName: string;
  readonly poolSize: number;
  /** `postgres://host:port/database`, without secrets. */
  readonly location: string;
}

interface Host {
  /** A name, an IP address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

const parameters = [
  'application_name',
  'connect_timeout',
  'host',
  'options',
  'pool_max_conns',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
] as const;

type Parameters = ReadonlyMap<(typeof parameters)[number], string>;

const defaultPort = 5432;

const format = 'postgres://USER@HOST:PORT/DATABASE (in DATABASE_URL: USER:PASSWORD@)';

/** Whether a store location is the URL of a PostgreSQL server. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:/i.test(location);
}

/**
 * Whether the URL of a PostgreSQL server has no password, which then comes from elsewhere, such as PGPASSWORD.
 *
 * @throws UserError `store-invalid`
 */
export function lacksPassword(location: string): boolean {
  return parse(location).url.password === '';
}

/**
 * Reads a connection URL in libpq's format
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS), and the files that it names.
 *
 * @param cwd the folder that relative file names refer to
 * @throws UserError `store-invalid`; its message contains no part of the URL that could be the password
 */
export async function readPostgresUrl(
  location: string,
  cwd: string,
  wait?: InputWait,
): Promise<PostgresAddress> {
  const { url, hostList } = parse(location);
  const given = readParameters(url.searchParams);
  const hosts = readHosts(given.get('host'), hostList, Number(url.port) || defaultPort);
  const database = decode(url.pathname.slice(1)) || undefined;
  const options = given.get('options');
  const settings = parseOptions(options ?? '');
  if (settings === undefined) {
    throw invalid('has options that cannot be read', 'Write each setting as -c NAME=VALUE.');
  }
  return {
    hosts,
    readWrite: readSessionAttributes(given) || hosts.length > 1,
    connectTimeoutMs: readPositive(given, 'connect_timeout', 1000),
    database,
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    tls: await readTls(given, hosts, { cwd, inputWait: wait }, invalid),
    options,
    settings,
    applicationName: given.get('application_name') ?? 'spacelift-slack',
    poolSize: readPositive(given, 'pool_max_conns') ?? 10,
    location: `postgres://${hosts.map(showHost).join(',')}/${database ?? ''}`,
  };
}

/** @returns the URL with its first host alone, which is all that URL can parse, and the text of all hosts */
function parse(location: string): { readonly url: URL; readonly hostList: readonly string[] } {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(location)?.[1] ?? '';
  const list = authority.slice(authority.lastIndexOf('@') + 1);
  const hostList = list.split(',');
  const one = location.replace(authority, () => authority.replace(list, () => hostList[0] ?? ''));
  const url = parseUrl(one);
  // An @ after the authority means that the password contains an unencoded / ? or #.
  if (!url || !location.includes('://') || /[@#]/.test(url.pathname + url.search + url.hash)) {
    throw invalid('cannot be read');
  }
  if (url.pathname.indexOf('/', 1) > 0)
    throw invalid('has a path with several parts; expected a database name');
  return { url, hostList };
}

function readHosts(replacement: string | undefined, hostList: readonly string[], port: number): Host[] {
  if (replacement !== undefined) return replacement.split(',').map((host) => ({ host, port }));
  return hostList.map((text) => {
    const url = parseUrl(`postgres://${text}`);
    if (!url || (text === '' && hostList.length > 1)) throw invalid('cannot be read');
    return {
      host: decode(url.hostname.replace(/^\[|\]$/g, '')) || 'localhost',
      port: Number(url.port) || defaultPort,
    };
  });
}

function showHost({ host, port }: Host): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function readPositive(
  given: Parameters,
  name: 'connect_timeout' | 'pool_max_conns',
  unit = 1,
): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw invalid(`has a ${name} that is not a positive number`);
  return value * unit;
}

/** @returns whether the URL demands a host that accepts writes */
function readSessionAttributes(given: Parameters): boolean {
  const attributes = given.get('target_session_attrs');
  if (attributes === undefined || attributes === 'read-write') return attributes !== undefined;
  throw invalid(
    'has a target_session_attrs that is not supported',
    'Use read-write, or leave it out: of several hosts, the one that accepts writes is used.',
  );
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

function invalid(problem: string, hint?: string, cause?: unknown): UserError {
  return new UserError('store-invalid', `the PostgreSQL URL ${problem}`, {
    hint: hint ?? `Write it as ${format}, with special characters percent-encoded.`,
    exitCode: 2,
    cause,
  });
}
