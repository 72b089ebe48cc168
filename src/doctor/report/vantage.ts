import type { ConnectTo } from '../../net/connect-to.ts';

export interface VantageFacts {
  readonly hostname: string;
  readonly dnsServer: string | undefined;
  readonly connectTo: readonly ConnectTo[];
  /** The file of `--ca`, as it was given. */
  readonly ca: string | undefined;
  /** True if HTTPS_PROXY is set. */
  readonly proxy: boolean;
  /** True with --socket-mode: then it is the relay that calls Spacelift, from inside. */
  readonly socketMode: boolean;
}

/** Describes where a report was made, and how that differs from what Slack would see. */
export function describeVantage(facts: VantageFacts): string {
  const { hostname, dnsServer, connectTo, ca, proxy, socketMode } = facts;
  return [
    `from ${hostname}`,
    dnsServer === undefined ? 'with the resolver of this machine' : `with the resolver ${dnsServer} (--dns)`,
    ...connectTo.map(({ text }) => `connecting by --connect-to ${text}`),
    ...(ca === undefined
      ? []
      : [`trusting the roots in ${ca} (--ca)${socketMode ? '' : ', which Slack does not'}`]),
    ...(proxy
      ? [
          "calling Slack's API through HTTPS_PROXY, but the endpoint directly: no probe goes through the proxy",
        ]
      : []),
    socketMode
      ? 'Spacelift as the relay sees it from this host: with Socket Mode, Slack calls no endpoint'
      : 'from inside your network, a pass does not prove that Slack gets through',
  ].join('; ');
}
