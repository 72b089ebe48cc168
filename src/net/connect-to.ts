import { ipVersion } from './ip-version.ts';

/**
 * A rule as of curl's `--connect-to`: connections to this host and port go to that host and port. An absent part means
 * any host or port, or the original one.
 */
export interface ConnectTo {
  readonly text: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly toHost: string | undefined;
  readonly toPort: number | undefined;
}

const format = /^(?<host>\[[^\]]+\]|[^:[\]]*):(?<port>\d*):(?<toHost>\[[^\]]+\]|[^:[\]]*):(?<toPort>\d*)$/;

/** Parses `HOST:PORT:ADDR:PORT`, with IPv6 addresses in brackets. Returns undefined if the text is anything else. */
export function parseConnectTo(text: string): ConnectTo | undefined {
  const groups = format.exec(text)?.groups;
  if (!groups) return undefined;
  const port = readPort(groups['port']);
  const toPort = readPort(groups['toPort']);
  if (port === 'bad' || toPort === 'bad') return undefined;
  const host = readHost(groups['host']);
  const toHost = readHost(groups['toHost']);
  if (groups['toHost']?.startsWith('[') && ipVersion(toHost ?? '') !== 6) return undefined;
  return { text, host: host?.toLowerCase(), port, toHost, toPort };
}

/** The first rule that matches this host and port, as in curl. */
export function findRoute(rules: readonly ConnectTo[], host: string, port: number): ConnectTo | undefined {
  return rules.find(
    (rule) =>
      (rule.host === undefined || rule.host === host) && (rule.port === undefined || rule.port === port),
  );
}

/** A rule that has no effect on any of the hosts: it matches none of them, or an earlier rule does. */
export function findUnused(
  rules: readonly ConnectTo[],
  hosts: readonly string[],
  port: number,
): ConnectTo | undefined {
  const used = hosts.map((host) => findRoute(rules, host, port));
  return rules.find((rule) => !used.includes(rule));
}

function readPort(text: string | undefined): number | undefined | 'bad' {
  if (!text) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : 'bad';
}

function readHost(text: string | undefined): string | undefined {
  return text ? text.replace(/^\[|\]$/g, '') : undefined;
}
