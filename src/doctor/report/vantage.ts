import type { ConnectTo } from '../../net/connect-to.ts';

export interface VantageFacts {
  readonly hostname: string;
  /** False if no check of the run uses a network. */
  readonly network: boolean;
  readonly dnsServer: string | undefined;
  readonly connectTo: readonly ConnectTo[];
  /** The file of `--ca`, as it was given. */
  readonly ca: string | undefined;
  /** True if HTTPS_PROXY is set. */
  readonly proxy: boolean;
  /** True with --socket-mode: then it is the relay that calls Spacelift, from inside. */
  readonly socketMode: boolean;
}

/**
 * Describes where a report was made, and how that differs from what Slack would see, as sentences after "Run", without
 * the last full stop.
 */
export function describeVantage(facts: VantageFacts): string {
  const { hostname, network, dnsServer, connectTo, ca, proxy, socketMode } = facts;
  if (!network) return `from ${hostname}: no check used a network`;
  const resolver =
    dnsServer === undefined ? 'the resolver of this machine' : `the resolver ${dnsServer} (--dns)`;
  return [
    `from ${hostname}, with ${resolver}.`,
    ...connectTo.map(({ text }) => `Connections are redirected by --connect-to ${text}.`),
    ...(ca === undefined
      ? []
      : [`The roots in ${ca} (--ca) are trusted${socketMode ? '' : '; Slack does not trust them'}.`]),
    ...(proxy
      ? ["Slack's API is called through HTTPS_PROXY, the endpoint directly: no probe goes through the proxy."]
      : []),
    socketMode
      ? 'Spacelift is checked as the relay sees it from this host: with Socket Mode, Slack calls no endpoint'
      : 'From inside your network, a pass does not prove that Slack gets through',
  ].join(' ');
}
