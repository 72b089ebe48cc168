import type { Deployment, DeploymentFormat } from '../../environment/formats/format.ts';
import { shellQuote } from '../../environment/formats/shell-quote.ts';
import { appList, appPage } from '../../slack/app-page.ts';

/** How Slack reaches Spacelift. */
export type Way = 'public' | 'path-rule' | 'relay' | 'socket-mode';

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
  /** What else doctor needs to check this deployment: words for its command line. */
  readonly doctorOptions?: readonly string[] | undefined;
}

/** What is left to do. */
export interface Remaining {
  /** The app has the manifest of another domain. */
  readonly update?: { readonly from: string | undefined; readonly org: boolean } | undefined;
  /** The variables were written, but no process has read them. */
  readonly variables?:
    | {
        readonly format: DeploymentFormat;
        readonly file: string | undefined;
        readonly deployment: Deployment;
      }
    | undefined;
  /** A relay has to be started, if the way requires one. */
  readonly relay?: boolean;
  /** Variables of this shell that have other values than the env file, which they override. */
  readonly overriding?: readonly string[];
  /** Doctor has not passed; the credentials are, or are not, in an env file that it reads. */
  readonly doctor?: 'stored' | 'not-stored' | undefined;
  /** Slack has not verified the request URL. */
  readonly verification?: boolean;
  /** The app is not installed in the workspace, or has other permissions than when it was installed. */
  readonly installation?: 'first' | 'again' | undefined;
}

interface Step {
  readonly title: string;
  /** Text that explains, and commands, which are indented. */
  readonly lines?: readonly string[];
}

/**
 * What is left to do, as one numbered block of lines. Commands are indented: they can be pasted into a shell, and are
 * not broken on a screen.
 *
 * @returns no line if nothing is left
 */
export function nextSteps(known: KnownDeployment, remaining: Remaining): string[] {
  const steps = [
    ...updateStep(known, remaining),
    ...variablesStep(remaining),
    ...(remaining.relay ? relaySteps(known) : []),
    ...doctorStep(known, remaining),
    ...(remaining.verification ? verificationStep(known) : []),
    ...installationStep(known, remaining),
  ];
  if (steps.length === 0) return [];
  return [
    'Next steps:',
    ...steps.flatMap(({ title, lines = [] }, index) => [
      `${index + 1}. ${title}`,
      ...lines.map((line) => `   ${line}`),
    ]),
  ];
}

const command = (...words: readonly string[]) => `  ${words.join(' ')}`;

/** A word of a command line, quoted if a shell would read it in another way. */
function shellWord(text: string): string {
  return /^[\w./@%+,:=-]+$/.test(text) ? text : shellQuote(text);
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
  const { appId, envFile, way, relayFile = 'relay.env', slackApiUrl, doctorOptions = [] } = known;
  const words = [
    ...hostOptions(known),
    ...(appId === undefined ? [] : ['--app-id', appId]),
    ...(envFile === undefined || envFile === '.env' ? [] : ['--env-file', envFile]),
    ...(slackApiUrl === undefined ? [] : ['--slack-api-url', slackApiUrl]),
    ...doctorOptions,
  ];
  const line = ['spacelift-slack doctor', ...words.map(shellWord)].join(' ');
  // The relay's file has the app-level token, and Spacelift's the other variables.
  return way === 'socket-mode' ? `(set -a; . ${inFolder(relayFile)}; ${line})` : line;
}

/** The command line that gives the app the manifest of this deployment. */
function updateCommand(known: KnownDeployment, org: boolean): string {
  const { appId, slackApiUrl } = known;
  const words = [
    ...hostOptions(known),
    ...(org ? ['--org'] : []),
    ...(appId === undefined ? [] : ['--app-id', appId]),
    ...(slackApiUrl === undefined ? [] : ['--slack-api-url', slackApiUrl]),
  ];
  return ['spacelift-slack app update', ...words.map(shellWord)].join(' ');
}

function updateStep(known: KnownDeployment, { update }: Remaining): Step[] {
  if (!update) return [];
  const app = known.appId === undefined ? 'The app' : `The app ${known.appId}`;
  return [
    {
      title: `${app} still has ${update.from ?? 'the domain of an earlier run'}. Update it:`,
      lines: [command(updateCommand(known, update.org))],
    },
  ];
}

function variablesStep({ variables }: Remaining): Step[] {
  if (!variables) return [];
  const { format, file, deployment } = variables;
  const lines = format.takeEffect(file === undefined ? 'FILE' : shellWord(file), deployment);
  return [
    {
      title: 'Pass the variables to Spacelift:',
      lines: lines.map((line) => (line.startsWith('# ') ? line.slice(2) : command(line))),
    },
  ];
}

function relaySteps(known: KnownDeployment): Step[] {
  const { domain = 'spacelift.internal.example', webhookDomain, way } = known;
  const upstream = `--upstream https://${domain}`;
  if (way === 'socket-mode') return socketModeSteps(known, upstream);
  if (way === 'public' || webhookDomain === undefined || webhookDomain === domain) return [];
  const rule = `Have the load balancer of ${webhookDomain} forward /webhooks/slack, and no other path, to Spacelift.`;
  if (way === 'path-rule') return [{ title: rule }];
  const start = `tart the relay on ${webhookDomain}, behind TLS, with SLACK_SECRET in its environment:`;
  return [
    {
      title: way === 'relay' ? `S${start}` : `If ${webhookDomain} is a load balancer: ${lowerFirst(rule)}`,
      lines: [
        ...(way === 'relay' ? [] : [`If it is the host of a relay, s${start}`]),
        command(`spacelift-slack serve ${upstream} --trust-proxy`),
      ],
    },
  ];
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function socketModeSteps(known: KnownDeployment, upstream: string): Step[] {
  const { appId, envFile = '.env', relayFile, slackUrl = '' } = known;
  const page =
    appId === undefined ? `the app's page at ${appList(slackUrl)}` : appPage(slackUrl, appId, '/general');
  const file = shellWord(relayFile ?? 'relay.env');
  return [
    ...(relayFile === undefined
      ? [
          {
            title: `Generate an app-level token with the scope connections:write, on ${page}, and write the relay's file:`,
            lines: [
              command(`spacelift-slack env --for relay --env-file ${shellWord(envFile)} --out ${file}`),
            ],
          },
        ]
      : []),
    {
      title: 'Start the relay inside your network; it opens the connections to Slack itself:',
      lines: [
        command(`spacelift-slack serve --socket-mode ${upstream} --env-file ${file}`),
        'Under systemd, the file is its EnvironmentFile. For Kubernetes:',
        command(`kubectl create secret generic spacelift-slack-relay --from-env-file=${file}`),
      ],
    },
  ];
}

function doctorStep(known: KnownDeployment, { doctor, overriding = [] }: Remaining): Step[] {
  if (doctor === undefined) return [];
  const { envFile = '.env' } = known;
  const names = overriding.join(', ');
  const unset =
    overriding.length === 0
      ? []
      : [
          `This shell has other values of ${names}, which override ${envFile}. Unset them first:`,
          command('unset', ...overriding),
        ];
  const where =
    doctor === 'stored'
      ? []
      : ["Doctor reads the environment and the env file: set this app's three variables in one of them."];
  return [
    { title: 'Check that Slack can use it:', lines: [...where, ...unset, command(doctorCommand(known))] },
  ];
}

function verificationStep({ appId, way, slackUrl = '' }: KnownDeployment): Step[] {
  if (way === 'socket-mode') return [];
  const title = 'Have Slack verify the request URL: press Retry, or save it, on this page:';
  return [
    appId === undefined
      ? {
          title:
            'Have Slack verify the request URL: press Retry, or save it, under Event Subscriptions of the app:',
          lines: [command(appList(slackUrl))],
        }
      : { title, lines: [command(appPage(slackUrl, appId, '/event-subscriptions'))] },
  ];
}

function installationStep({ appId, slackUrl = '' }: KnownDeployment, { installation }: Remaining): Step[] {
  if (installation === undefined) return [];
  if (installation === 'first') {
    return [
      {
        title:
          'Have a Spacelift admin press Connect under Integrations > Slack: only this installs the app in the workspace.',
      },
    ];
  }
  return [
    {
      title:
        'Install the app again, or it keeps its old permissions: in Spacelift, disconnect and Connect under Integrations > Slack, or:',
      lines: appId === undefined ? [] : [command(appPage(slackUrl, appId, '/install-on-team'))],
    },
  ];
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
