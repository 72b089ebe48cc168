import { Option } from '@commander-js/extra-typings';
import { type Domain, parseDomain, withoutUserInfo } from '../../domain.ts';
import type { Settings } from '../../environment/settings.ts';
import { ask, type Question } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';

export const domainOption = () =>
  new Option('--domain <domain>', "Spacelift's domain [env: SPACELIFT_DOMAIN]");

export const webhookDomainOption = () =>
  new Option(
    '--webhook-domain <domain>',
    'the public host that Slack calls, if it is another one [env: SPACELIFT_WEBHOOK_DOMAIN]',
  );

/**
 * The domain from the option, the environment, the env file or, on a terminal, a prompt.
 *
 * @throws UserError `domain-invalid`, or `input-missing` if prompts are not possible
 */
export async function requireDomain(
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
): Promise<Domain> {
  const domain = findSpaceliftDomain(given, settings, terminal);
  if (domain) return domain;
  return askForDomain(terminal, {
    message: "Spacelift's domain",
    instead: '--domain <domain>, or set SPACELIFT_DOMAIN',
  });
}

/**
 * Asks for a domain, which is checked as it is typed.
 *
 * @throws UserError `input-missing` if prompts are not possible
 */
export async function askForDomain(
  terminal: Terminal,
  question: Pick<Question, 'message' | 'instead' | 'preset'>,
): Promise<Domain> {
  const problem = (text: string) => {
    const parsed = parseDomain(text);
    return parsed.ok ? undefined : `The domain ${parsed.problem}. ${parsed.hint}`;
  };
  return readDomain('domain', await ask(terminal, { ...question, problem }), terminal);
}

/** The domain from the option, the environment or the env file, where one of them names it. */
export function findSpaceliftDomain(
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
): Domain | undefined {
  return findDomain('--domain', 'SPACELIFT_DOMAIN', given, settings, terminal);
}

/** The host for `/webhooks/slack` where one is given; without one Slack calls Spacelift's own domain. */
export function findWebhookDomain(
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
): Domain | undefined {
  return findDomain('--webhook-domain', 'SPACELIFT_WEBHOOK_DOMAIN', given, settings, terminal);
}

function findDomain(
  option: string,
  variable: 'SPACELIFT_DOMAIN' | 'SPACELIFT_WEBHOOK_DOMAIN',
  given: string | undefined,
  settings: Settings,
  terminal: Terminal,
): Domain | undefined {
  if (given !== undefined) return readDomain(option, given, terminal);
  const setting = settings.get(variable);
  if (!setting) return undefined;
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
