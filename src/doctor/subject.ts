import type { Domain } from '../domain.ts';
import type { LookAlike } from '../environment/credential-checks.ts';
import type { PartialCredentials } from '../environment/credentials.ts';
import type { FileExposure } from '../environment/file-exposure.ts';
import type { SlackApi } from '../slack/web-api.ts';
import type { Network } from './network.ts';
import type { Redactor } from './redactor.ts';
import type { SlackProbe } from './slack-probe.ts';

/** The two hosts of an installation; they are the same but where a relay stands in front. */
export interface Target {
  /** Spacelift's own: people's browsers come back to `/slack_oauth` there. */
  readonly domain: Domain;
  /** The one that Slack's servers call. */
  readonly webhookDomain: Domain;
}

/** What is examined: the values that were given, and the ways to look at the deployment. */
export interface Subject {
  readonly target: Target;
  readonly credentials: PartialCredentials;
  readonly lookAlikes: readonly LookAlike[];
  /** The env file that the values were read from, where there is one. */
  readonly envFile: { readonly name: string; readonly exposure: FileExposure } | undefined;
  readonly network: Network;
  /** How many roots were added to those that come with Node. */
  readonly extraRoots: number;
  /** Signs and sends what a deployment may be asked. */
  readonly probe: SlackProbe;
  readonly slack: SlackApi;
  /** For what Slack's API says; what the endpoint says is clean already. */
  readonly redactor: Redactor;
  /** The clock, in milliseconds since the epoch. */
  now(): number;
  /** For `slack.app-drift`. */
  readonly app: { readonly id: string | undefined; readonly configToken: string | undefined };
}
