import type { Domain } from '../domain.ts';
import {
  type CredentialFinding,
  checkCredentials,
  type LookAlike,
} from '../environment/credential-checks.ts';
import { type CredentialPart, credentialParts, type PartialCredentials } from '../environment/credentials.ts';
import type { FileExposure } from '../environment/file-exposure.ts';
import { openSocketUrl } from '../slack/api/socket-url.ts';
import type { SlackApi } from '../slack/api/web-api.ts';
import type { CheckId } from './catalogue/catalogue.ts';
import type { Peer } from './probe/handshake.ts';
import { type Network, type NetworkOptions, openNetwork } from './probe/network.ts';
import { findRejectionCause, type RejectionCause } from './probe/rejection-cause.ts';
import { createSlackProbe, oncePerPeer, type SlackProbe } from './probe/slack-probe.ts';
import { createRedactor, type Redactor } from './redactor.ts';

/** The two hosts of an installation; they differ only if a relay stands in front. */
export interface Target {
  /** Spacelift's own: browsers return to `/slack_oauth` there. */
  readonly domain: Domain;
  /** The one that Slack's servers call. */
  readonly webhookDomain: Domain;
}

type ByPart<Value> = Readonly<Partial<Record<CredentialPart, Value>>>;

/** The values that are examined. */
interface Values {
  /** The checks of this run: what one of them reports, the others need not. */
  readonly runs: ReadonlySet<CheckId>;
  /** The check that reports why no connection was made. */
  readonly connectionReporter: CheckId | undefined;
  /** Undefined in a run without a domain. */
  readonly target: Target | undefined;
  /** As they are set: nothing is trimmed or corrected. */
  readonly credentials: PartialCredentials;
  /** Where each value comes from, as it follows "from". */
  readonly sources: ByPart<string>;
  /** The env file that holds a different value, which is not used. */
  readonly shadowed: ByPart<string>;
  readonly lookAlikes: readonly LookAlike[];
  /** The env file that values were read from, if there is one. */
  readonly envFile: { readonly name: string; readonly exposure: FileExposure | undefined } | undefined;
  /** For `slack.app-drift`. */
  readonly app: { readonly id: string | undefined; readonly configToken: string | undefined };
  /** Whether the app uses Socket Mode. */
  readonly socketMode: boolean;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is examined apart from a deployment: the values that were given, and the ways to look at Slack and the network. */
export interface Surroundings extends Values {
  /** The credentials that may be tried: those that certainly hold something else are missing here. */
  readonly usable: PartialCredentials;
  /** What the others hold. */
  readonly mistakes: ByPart<CredentialFinding>;
  readonly network: Network;
  /** How many roots were added to those that ship with Node. */
  readonly extraRoots: number;
  readonly slack: SlackApi;
  /** What the checks of Socket Mode work with. */
  readonly socket: SocketAccess;
  /** For what Slack's API responds; the responses of the endpoint are clean already. */
  readonly redactor: Redactor;
}

/** What is examined: the deployment at a domain, and what surrounds it. */
export interface Subject extends Surroundings {
  readonly target: Target;
  /** Signs and sends requests to the deployment. */
  readonly probe: SlackProbe;
  /** Why a peer rejects a correctly signed challenge; found out once for each peer. */
  readonly rejectionCause: (peer: Peer, signingSecret: string) => Promise<RejectionCause>;
}

/** What is examined in a run without a domain. */
export interface SubjectWithoutDomain extends Surroundings {
  readonly target: undefined;
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

/** The time limit of Slack's API, in milliseconds. */
const slackLimitMs = 8_000;

/** Opens everything afresh. The signal ends whatever is started from it. */
export function openSubject(options: SubjectOptions, signal: AbortSignal): Subject | SubjectWithoutDomain {
  const { connectTo, dnsServer, extraRoots, slackUrl, env, appToken, target, ...values } = options;
  const { credentials, app, now } = values;
  const secrets = [credentials.clientSecret, credentials.signingSecret, app.configToken, appToken];
  const redactor = createRedactor(secrets.filter((secret) => secret !== undefined));
  const network = openNetwork({ connectTo, dnsServer, extraRoots, redactor, signal, now });
  const mistakes = findMistakes(credentials);
  const slack = lazily(slackUrl, async () => {
    const { createSlackApi } = await import('../slack/api/web-api.ts');
    return createSlackApi({ url: slackUrl, env, signal, timeoutMs: slackLimitMs, longestWaitSeconds: 0 });
  });
  let socketUrl: ReturnType<SocketAccess['getUrl']> | undefined;
  const surroundings = {
    ...values,
    mistakes,
    usable: withoutMistakes(credentials, mistakes),
    network,
    extraRoots: extraRoots.length,
    slack,
    socket: {
      token: appToken,
      appId: app.id,
      getUrl: () => {
        socketUrl ??= openSocketUrl(slack, appToken ?? '');
        return socketUrl;
      },
      env,
      signal,
    },
    redactor,
  };
  if (!target) return { ...surroundings, target };
  const probe = createSlackProbe(network, target.webhookDomain, redactor, now);
  return {
    ...surroundings,
    target,
    probe,
    rejectionCause: oncePerPeer((peer, signingSecret: string) =>
      findRejectionCause(probe, credentials, peer, signingSecret),
    ),
  };
}

/** The values that are certainly wrong. If both secrets are the same, either may be. */
function findMistakes(credentials: PartialCredentials): ByPart<CredentialFinding> {
  const mistakes: Partial<Record<CredentialPart, CredentialFinding>> = {};
  for (const finding of checkCredentials(credentials)) {
    if (finding.check !== 'env.mix-up' || finding.severity !== 'error') continue;
    for (const part of finding.part ? [finding.part] : (['clientSecret', 'signingSecret'] as const)) {
      mistakes[part] ??= finding;
    }
  }
  return mistakes;
}

function withoutMistakes(
  credentials: PartialCredentials,
  mistakes: ByPart<CredentialFinding>,
): PartialCredentials {
  const usable: Partial<Record<CredentialPart, string>> = {};
  for (const part of credentialParts) {
    const value = credentials[part];
    if (value !== undefined && mistakes[part] === undefined) usable[part] = value;
  }
  return usable;
}

/** Slack's client takes a while to load, and the checks of the endpoint need not wait for it. */
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
