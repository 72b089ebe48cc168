import type { Domain } from '../domain.ts';
import type { LookAlike } from '../environment/credential-checks.ts';
import type { PartialCredentials } from '../environment/credentials.ts';
import type { FileExposure } from '../environment/file-exposure.ts';
import { openSocketUrl } from '../slack/api/socket-url.ts';
import type { SlackApi } from '../slack/api/web-api.ts';
import type { CheckId } from './catalogue/catalogue.ts';
import { type Network, type NetworkOptions, openNetwork } from './probe/network.ts';
import { createSlackProbe, type SlackProbe } from './probe/slack-probe.ts';
import { createRedactor, type Redactor } from './redactor.ts';

/** The two hosts of an installation; they are the same but where a relay stands in front. */
export interface Target {
  /** Spacelift's own: people's browsers come back to `/slack_oauth` there. */
  readonly domain: Domain;
  /** The one that Slack's servers call. */
  readonly webhookDomain: Domain;
}

/** The values that are examined. */
interface Values {
  readonly target: Target;
  readonly credentials: PartialCredentials;
  readonly lookAlikes: readonly LookAlike[];
  /** The env file that the values were read from, where there is one. */
  readonly envFile: { readonly name: string; readonly exposure: FileExposure } | undefined;
  /** For `slack.app-drift`. */
  readonly app: { readonly id: string | undefined; readonly configToken: string | undefined };
  /** Whether the app uses Socket Mode. */
  readonly socketMode: boolean;
  /** The check that reports why no connection was made; the others leave it to that one. */
  readonly connectionReporter: CheckId | undefined;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is examined: the values that were given, and the ways to look at the deployment and at Slack. */
export interface Subject extends Values {
  readonly network: Network;
  /** How many roots were added to those that come with Node. */
  readonly extraRoots: number;
  /** Signs and sends what a deployment may be asked. */
  readonly probe: SlackProbe;
  readonly slack: SlackApi;
  /** What the checks of Socket Mode work with. */
  readonly socket: SocketAccess;
  /** For what Slack's API says; what the endpoint says is clean already. */
  readonly redactor: Redactor;
}

interface SocketAccess {
  /** The app-level token. */
  readonly token: string | undefined;
  /** The app that it has to be of, where that is known. */
  readonly appId: string | undefined;
  /** A WebSocket URL; Slack is asked for it once. It is a secret. */
  readonly getUrl: () => ReturnType<typeof openSocketUrl>;
  /** For HTTPS_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface SubjectOptions
  extends Values,
    Pick<NetworkOptions, 'connectTo' | 'dnsServer' | 'extraRoots'> {
  /** Slack's origin. */
  readonly slackUrl: string;
  /** The app-level token of Socket Mode. */
  readonly appToken: string | undefined;
  /** For HTTPS_PROXY and NO_PROXY, which are for Slack's API alone. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How long Slack's API may take, in milliseconds. */
const slackLimitMs = 8_000;

/** Opens everything afresh. The signal ends whatever is started from it. */
export function openSubject(options: SubjectOptions, signal: AbortSignal): Subject {
  const { target, credentials, app, now, connectTo, dnsServer, extraRoots, slackUrl, env } = options;
  const secrets = [credentials.clientSecret, credentials.signingSecret, app.configToken, options.appToken];
  const redactor = createRedactor(secrets.filter((secret) => secret !== undefined));
  const network = openNetwork({ connectTo, dnsServer, extraRoots, redactor, signal, now });
  const slack = lazily(slackUrl, async () => {
    const { createSlackApi } = await import('../slack/api/web-api.ts');
    return createSlackApi({ url: slackUrl, env, signal, timeoutMs: slackLimitMs, longestWaitSeconds: 0 });
  });
  let socketUrl: ReturnType<SocketAccess['getUrl']> | undefined;
  return {
    target,
    credentials,
    lookAlikes: options.lookAlikes,
    envFile: options.envFile,
    socketMode: options.socketMode,
    socket: {
      token: options.appToken,
      appId: app.id,
      getUrl: () => {
        socketUrl ??= openSocketUrl(slack, options.appToken ?? '');
        return socketUrl;
      },
      env,
      signal,
    },
    connectionReporter: options.connectionReporter,
    app,
    now,
    network,
    extraRoots: extraRoots.length,
    probe: createSlackProbe(network, target.webhookDomain, redactor, now),
    slack,
    redactor,
  };
}

/** Slack's client takes a while to load, which the checks of the endpoint need not wait for. */
function lazily(url: string, load: () => Promise<SlackApi>): SlackApi {
  let loading: Promise<SlackApi> | undefined;
  return {
    url,
    async call(method, args, auth) {
      loading ??= load();
      return (await loading).call(method, args, auth);
    },
  };
}
