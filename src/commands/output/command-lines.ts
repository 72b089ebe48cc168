import { shellWord } from '../../environment/formats/shell-quote.ts';

/** How Slack reaches Spacelift. */
export const knownWays = ['public', 'path-rule', 'relay', 'socket-mode'] as const;
export type Way = (typeof knownWays)[number];

/** What a command knows about a deployment when it ends. */
export interface KnownDeployment {
  /** Spacelift's own domain. */
  readonly domain?: string | undefined;
  /** The host that Slack calls. */
  readonly webhookDomain?: string | undefined;
  /** Undefined if nothing tells; with a webhook domain it is a path rule or a relay. */
  readonly way?: Way | undefined;
  readonly appId?: string | undefined;
  /** Slack's origin, if it is known; its settings are on another host. */
  readonly slackUrl?: string | undefined;
  /** What was passed with --slack-api-url. */
  readonly slackApiUrl?: string | undefined;
  /** The env file with the app's credentials. */
  readonly envFile?: string | undefined;
  /** The file with the secrets of a relay that uses Socket Mode, once it is written. */
  readonly relayFile?: string | undefined;
  /** True on the host of a relay that has only this file, without the client id and the client secret. */
  readonly hasRelayFileOnly?: boolean | undefined;
  /** What else doctor needs to check this deployment: words for its command line. */
  readonly doctorOptions?: readonly string[] | undefined;
}

/** A file as `.` of a shell takes it: a name without a slash would be looked up in PATH. */
function inFolder(file: string): string {
  return shellWord(file.includes('/') ? file : `./${file}`);
}

/** The options that tell a command which hosts Slack and people call. */
function hostOptions({ domain, webhookDomain, way }: KnownDeployment): string[] {
  return [
    ...(domain === undefined ? [] : ['--domain', domain]),
    ...(way === 'socket-mode' ? ['--socket-mode'] : []),
    ...(way !== 'socket-mode' && webhookDomain !== undefined && webhookDomain !== domain
      ? ['--webhook-domain', webhookDomain]
      : []),
  ];
}

/** The command line that checks this deployment. */
export function doctorCommand(known: KnownDeployment): string {
  const { appId, way, relayFile = 'relay.env', hasRelayFileOnly, slackApiUrl, doctorOptions = [] } = known;
  const envFile = hasRelayFileOnly ? relayFile : known.envFile;
  const words = [
    ...hostOptions(known),
    ...(appId === undefined ? [] : ['--app-id', appId]),
    ...(envFile === undefined || envFile === '.env' ? [] : ['--env-file', envFile]),
    ...(hasRelayFileOnly ? ['--skip', 'env.client-id,env.client-secret'] : []),
    ...(slackApiUrl === undefined ? [] : ['--slack-api-url', slackApiUrl]),
    ...doctorOptions,
  ];
  const line = ['spacelift-slack doctor', ...words.map(shellWord)].join(' ');
  // The relay's file has the app-level token, and Spacelift's the other variables.
  const isSplit = way === 'socket-mode' && !hasRelayFileOnly;
  return isSplit ? `(set -a; . ${inFolder(relayFile)}; ${line})` : line;
}

/** The command line that gives the app the manifest of this deployment. */
export function updateCommand(known: KnownDeployment, org: boolean): string {
  const { appId, slackApiUrl } = known;
  const words = [
    ...hostOptions(known),
    ...(org ? ['--org'] : []),
    ...(appId === undefined ? [] : ['--app-id', appId]),
    ...(slackApiUrl === undefined ? [] : ['--slack-api-url', slackApiUrl]),
  ];
  return ['spacelift-slack app update', ...words.map(shellWord)].join(' ');
}

/** The command line that prints the manifest of this deployment. */
export function manifestCommand(known: KnownDeployment, org: boolean): string {
  const words = [...hostOptions(known), ...(org ? ['--org'] : [])];
  return ['spacelift-slack manifest', ...words.map(shellWord)].join(' ');
}

/**
 * The variables of an environment that override others.
 *
 * @param values what an env file holds, by name
 */
export function overridingVariables(
  env: Readonly<Record<string, string | undefined>>,
  values: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(values).filter((name) => env[name] && env[name] !== values[name]);
}
