import type { Deployment, DeploymentFormat } from '../../environment/formats/format.ts';
import { shellWord } from '../../environment/formats/shell-quote.ts';
import { appList, appPage } from '../../slack/app-page.ts';
import { doctorCommand, type KnownDeployment, updateCommand } from './command-lines.ts';

/** What is left to do. */
export interface Remaining {
  /** The app was created for other hosts. */
  readonly update?: { readonly from: string; readonly org: boolean } | undefined;
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

function updateStep(known: KnownDeployment, { update }: Remaining): Step[] {
  if (!update) return [];
  const app = known.appId === undefined ? 'The app' : `The app ${known.appId}`;
  return [
    {
      title: `${app} was created for ${update.from}. If it still has that domain, update it:`,
      lines: [command(updateCommand(known, update.org))],
    },
  ];
}

function variablesStep({ variables }: Remaining): Step[] {
  if (!variables) return [];
  const { format, file, deployment } = variables;
  const lines = format.takeEffect(file ?? 'FILE', deployment);
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
  const serve = command(`spacelift-slack serve ${upstream} --trust-proxy`);
  switch (way) {
    case 'path-rule':
      return [{ title: `Have ${webhookDomain} forward /webhooks/slack, and no other path, to Spacelift.` }];
    case 'relay':
      return [
        {
          title: `Start the relay on ${webhookDomain}, behind TLS, with SLACK_SECRET in its environment:`,
          lines: [serve],
        },
      ];
    case undefined:
      return [
        {
          title: `Have ${webhookDomain} forward Slack's requests:`,
          lines: [
            'A load balancer forwards /webhooks/slack, and no other path, to Spacelift.',
            'A relay runs behind TLS, with SLACK_SECRET in its environment:',
            serve,
          ],
        },
      ];
  }
}

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
        'To keep it running, use the files for systemd, Docker Compose and Kubernetes in deploy/: see docs/deploy.md.',
        'They read this file; in Kubernetes, as a secret:',
        command(
          `kubectl create secret generic spacelift-slack-relay --from-env-file=${file} -n spacelift-slack`,
        ),
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
