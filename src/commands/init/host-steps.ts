import { hasPrivateEnding } from '../../domain.ts';
import { choose } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { askForDomain } from '../options/domain.ts';
import type { Way } from '../output/command-lines.ts';
import type { StepInput, StepResult } from './step.ts';

/** The step that asks for Spacelift's domain. */
export async function askDomain({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const domain =
    (again ? undefined : flags.domain) ??
    (await askForDomain(terminal, {
      message: "Spacelift's domain",
      instead: '--domain <domain>, or set SPACELIFT_DOMAIN',
      preset: answers.domain,
    }));
  return { answers: { ...answers, domain, webhookDomain: undefined, handedOver: false, examined: false } };
}

/** A relay of the same name as its upstream would forward to itself. */
const otherHost =
  'Name the other host. If both have one name (split DNS), pass --public, and see docs/relay.md for the relay.';

/** The step that finds out how Slack reaches Spacelift. */
export async function askReach({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const domain = answers.domain ?? '';
  const done = (webhookDomain: string, way: Way | undefined): StepResult => ({
    answers: { ...answers, webhookDomain, way, handedOver: false, examined: false },
  });
  if (!again && flags.public) return done(domain, 'public');
  if (!again && flags.socketMode) return done(domain, 'socket-mode');
  if (!again && flags.webhookDomain !== undefined) {
    if (flags.webhookDomain !== domain) return done(flags.webhookDomain, undefined);
    throw new UserError('webhook-domain-same', `the webhook domain is Spacelift's own domain, ${domain}`, {
      hint: otherHost,
      exitCode: 2,
    });
  }
  const way = await choose(
    terminal,
    `Can Slack reach https://${domain}/webhooks/slack from the internet?`,
    [
      {
        name: 'Yes: Spacelift is public, and Slack calls it directly',
        short: 'yes',
        value: 'public' as const,
      },
      {
        name: 'By a path rule: a public load balancer forwards only /webhooks/slack',
        short: 'by a path rule',
        value: 'path-rule' as const,
      },
      {
        name: 'By a relay: this program runs on a small public host in front of it',
        short: 'by a relay',
        value: 'relay' as const,
      },
      {
        name: 'No: a relay inside your network opens connections to Slack (Socket Mode)',
        short: 'no, by Socket Mode',
        value: 'socket-mode' as const,
      },
    ],
    {
      wanted: 'how Slack reaches Spacelift',
      instead: '--public, --webhook-domain <domain> or --socket-mode',
      preset: hasPrivateEnding(domain) ? ('socket-mode' as const) : ('public' as const),
    },
  );
  if (way === 'public' || way === 'socket-mode') return done(domain, way);
  const webhookDomain = await askForDomain(
    terminal,
    {
      message: way === 'path-rule' ? "The load balancer's public domain" : "The relay's public domain",
      instead: '--webhook-domain <domain>',
    },
    (given) => (given === domain ? `This is Spacelift's own domain. ${otherHost}` : undefined),
  );
  if (way === 'path-rule')
    terminal.note('No relay is needed. Spacelift knows that host as WEBHOOKS_ENDPOINT.');
  else terminal.note(`The relay is this program: spacelift-slack serve --upstream https://${domain}`);
  return done(webhookDomain, way);
}
