import { isIPv6 } from 'node:net';

/** curl's `--connect-to`: for this host and port, connect to that one. An absent part means any, or the same. */
export interface ConnectTo {
  readonly text: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly toHost: string | undefined;
  readonly toPort: number | undefined;
}

const form = /^(?<host>\[[^\]]+\]|[^:[\]]*):(?<port>\d*):(?<toHost>\[[^\]]+\]|[^:[\]]*):(?<toPort>\d*)$/;

/** Reads `HOST:PORT:ADDR:PORT`; an IPv6 address stands in brackets. Undefined where the text is something else. */
export function parseConnectTo(text: string): ConnectTo | undefined {
  const groups = form.exec(text)?.groups;
  if (!groups) return undefined;
  const port = readPort(groups['port']);
  const toPort = readPort(groups['toPort']);
  if (port === 'bad' || toPort === 'bad') return undefined;
  const host = readHost(groups['host']);
  const toHost = readHost(groups['toHost']);
  if (groups['toHost']?.startsWith('[') && !isIPv6(toHost ?? '')) return undefined;
  return { text, host: host?.toLowerCase(), port, toHost, toPort };
}

/** The first rule that speaks of this host and port, as in curl. */
export function findRoute(rules: readonly ConnectTo[], host: string, port: number): ConnectTo | undefined {
  return rules.find(
    (rule) =>
      (rule.host === undefined || rule.host === host) && (rule.port === undefined || rule.port === port),
  );
}

/** A rule that leads none of the hosts elsewhere, be it that it names others or that an earlier one comes first. */
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
