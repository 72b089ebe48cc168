import { Option } from '@commander-js/extra-typings';
import { type Domain, parseDomain, withoutUserInfo } from '../../domain.ts';
import { type Project, projectFileName } from '../../environment/project-file.ts';
import type { Setting, Settings } from '../../environment/settings.ts';
import { ask, type Question } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';
import { type ChangeOfApp, reportOrigin } from './origin.ts';

export const domainOption = () =>
  new Option('--domain <domain>', "Spacelift's domain [env: SPACELIFT_DOMAIN]");

export const webhookDomainOption = () =>
  new Option(
    '--webhook-domain <domain>',
    'the public host that Slack calls, if it is another one [env: SPACELIFT_WEBHOOK_DOMAIN]',
  );

/**
 * The domain from the option, the environment, the env file, the project file or, on a terminal, a prompt.
 *
 * @param change what a command changes with it
 * @throws UserError `domain-invalid`, `value-from-folder`, or `input-missing` if prompts are not possible
 */
export async function requireDomain(
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
  change?: ChangeOfApp,
): Promise<Domain> {
  const domain = findSpaceliftDomain(given, settings, terminal, change);
  if (domain) return domain;
  return askForDomain(terminal, {
    message: "Spacelift's domain",
    instead: '--domain <domain>, or set SPACELIFT_DOMAIN',
  });
}

/**
 * Asks for a domain, which is checked as it is typed.
 *
 * @param reject why a well-formed domain cannot be this one
 * @throws UserError `input-missing` if prompts are not possible
 */
export async function askForDomain(
  terminal: Terminal,
  question: Pick<Question, 'message' | 'instead' | 'preset'>,
  reject: (domain: Domain) => string | undefined = () => undefined,
): Promise<Domain> {
  const problem = (text: string) => {
    const parsed = parseDomain(text);
    return parsed.ok ? reject(parsed.domain) : `The domain ${parsed.problem}. ${parsed.hint}`;
  };
  return readDomain('domain', await ask(terminal, { ...question, problem }), terminal);
}

/** The domain from the option, the environment, the env file or the project file, where one of them names it. */
export function findSpaceliftDomain(
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
  change?: ChangeOfApp,
): Domain | undefined {
  return findDomain(['--domain', 'SPACELIFT_DOMAIN', 'the domain'], given, settings, terminal, change);
}

/**
 * The host for `/webhooks/slack` where one is given; without one Slack calls Spacelift's own domain. What the project
 * file remembers belongs to its domain alone.
 *
 * @param domain Spacelift's own domain
 */
export function findWebhookDomain(
  given: string | undefined,
  domain: Domain | undefined,
  settings: Settings,
  terminal: Terminal,
  change?: ChangeOfApp,
): Domain | undefined {
  const isRemembered = settings.get('SPACELIFT_WEBHOOK_DOMAIN')?.file === 'project';
  if (given === undefined && isRemembered && !rememberedProject(domain, settings)) return undefined;
  return findDomain(
    ['--webhook-domain', 'SPACELIFT_WEBHOOK_DOMAIN', 'the webhook domain'],
    given,
    settings,
    terminal,
    change,
  );
}

/** What the project file remembers of a domain. */
export function rememberedProject(
  domain: Domain | undefined,
  { projectFile }: Settings,
): Project | undefined {
  if (projectFile.kind !== 'read') return undefined;
  const parsed = parseDomain(projectFile.project.domain);
  return parsed.ok && parsed.domain === domain ? projectFile.project : undefined;
}

/**
 * Whether the app uses Socket Mode: as the option says, or as the project file remembers of this domain unless a webhook
 * domain is given, which Slack calls instead.
 *
 * @throws UserError `value-from-folder`
 */
export function usesSocketMode(
  given: { readonly socketMode?: true | undefined; readonly webhookDomain?: string | undefined },
  domain: Domain | undefined,
  settings: Settings,
  terminal: Terminal,
  change?: ChangeOfApp,
): true | undefined {
  if (given.socketMode !== undefined || given.webhookDomain !== undefined) return given.socketMode;
  if (rememberedProject(domain, settings)?.way !== 'socket-mode') return undefined;
  const setting: Setting = { value: 'socket-mode', source: projectFileName, file: 'project' };
  const instead = '--socket-mode, or the host that Slack calls with --webhook-domain <domain>';
  reportOrigin(setting, { what: 'the way', instead }, { terminal }, change);
  return true;
}

function findDomain(
  [option, variable, what]: readonly [
    option: string,
    variable: 'SPACELIFT_DOMAIN' | 'SPACELIFT_WEBHOOK_DOMAIN',
    what: string,
  ],
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
  change: ChangeOfApp | undefined,
): Domain | undefined {
  if (given !== undefined) return readDomain(option, given, terminal);
  const setting = settings.get(variable);
  if (!setting) return undefined;
  reportOrigin(setting, { what, instead: `${option} <domain>` }, { terminal }, change);
  return readDomain(`${variable} (${setting.source})`, setting.value, terminal);
}

function readDomain(origin: string, text: string, terminal: Terminal): Domain {
  const parsed = parseDomain(text);
  if (!parsed.ok) {
    throw new UserError('domain-invalid', `${origin}: "${withoutUserInfo(text)}" ${parsed.problem}`, {
      hint: parsed.hint,
      exitCode: 2,
    });
  }
  for (const change of parsed.changes) terminal.detail(`${origin}: ${change}`);
  return parsed.domain;
}
