import { text } from 'node:stream/consumers';
import type { Context } from '../../cli/context.ts';
import {
  type CredentialFinding,
  checkCredentials,
  findLookAlikes,
  type LookAlike,
} from '../../environment/credential-checks.ts';
import {
  type Credentials,
  completeCredentials,
  credentialParts,
  credentialVariables,
  type PartialCredentials,
  readCredentials,
} from '../../environment/credentials.ts';
import { parseSecrets, withSecrets } from '../../environment/secrets-input.ts';
import type { Settings } from '../../environment/settings.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';

export interface SecretSources {
  /** The file named with `--env-file`; `false` reads none. */
  readonly envFile?: string | false | undefined;
  /** Whether `--secrets-stdin` was given. */
  readonly secretsStdin?: boolean | undefined;
}

/**
 * The settings; values from stdin come before all others.
 *
 * @param wanted the variables of which at least one must be piped in, where any are
 * @throws UserError as {@link readPipedSecrets}
 */
export async function readSettingsAndSecrets(
  sources: SecretSources,
  context: Context,
  wanted: readonly string[] = Object.values(credentialVariables),
): Promise<Settings> {
  const settings = await context.settings(sources.envFile);
  return sources.secretsStdin ? withSecrets(await readPipedSecrets(context, wanted), settings) : settings;
}

/**
 * Reads the secrets of `--secrets-stdin`. A terminal is rejected: it would show what is typed.
 *
 * @param wanted the variables of which at least one must be there
 * @throws UserError `secrets-not-piped` or `secrets-unreadable`
 */
export async function readPipedSecrets(
  { stdin }: Context,
  wanted: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (!stdin.isTTY) return parseSecrets(await text(stdin), wanted);
  throw new UserError('secrets-not-piped', '--secrets-stdin: stdin is a terminal', {
    hint: 'Leave --secrets-stdin out for a prompt, or pipe in dotenv lines or JSON.',
    exitCode: 2,
  });
}

/**
 * The three credentials, checked. Missing ones are prompted for on a terminal, the secrets masked, and tried with Slack.
 *
 * @param mayAsk false if stdin is already in use
 * @throws UserError `credentials-missing` or `credentials-wrong`
 */
export async function requireCredentials(
  settings: Settings,
  context: Context,
  mayAsk: boolean,
): Promise<Credentials> {
  const { terminal } = context;
  const found = readCredentials(settings);
  if (!mayAsk || !terminal.interactive) return checkedCredentials(found, terminal, findLookAlikes(settings));
  if (completeCredentials(found)) return checkedCredentials(found, terminal);
  const [{ askForCredentials }, { connectToSlack }, { appList }] = await Promise.all([
    import('./credential-prompts.ts'),
    import('./slack-api-url.ts'),
    import('../../slack/app-page.ts'),
  ]);
  const connect = () => connectToSlack(undefined, settings, context, trialTimeoutMs);
  const { values, trial } = await askForCredentials(found, {
    page: appList(''),
    strict: false,
    terminal,
    connect,
  });
  if (trial.kind === 'rejected') terminal.warn(`${trial.error.message}. ${trial.error.hint}`);
  if (trial.kind === 'unchecked') terminal.detail(trial.error.message);
  return checkedCredentials(values, terminal);
}

/** The values can be written without Slack. */
const trialTimeoutMs = 5_000;

/**
 * Checks the three credentials; warnings go to stderr.
 *
 * @throws UserError `credentials-missing` or `credentials-wrong`
 */
export function checkedCredentials(
  values: PartialCredentials,
  terminal: Terminal,
  lookAlikes: readonly LookAlike[] = [],
): Credentials {
  const findings = checkCredentials(values, lookAlikes);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const credentials = completeCredentials(values);
  if (!credentials || errors.length > 0) throw credentialError(errors, values);
  for (const { message, hint } of findings) terminal.warn(`${message}. ${hint}`);
  return credentials;
}

function credentialError(errors: readonly CredentialFinding[], values: PartialCredentials): UserError {
  const missing = credentialParts.filter((part) => !values[part]);
  const message = errors.map((error) => error.message).join('; ');
  if (missing.length === 0 || errors.some(({ check }) => check === 'env.mix-up')) {
    const mixedUp = errors.filter(({ check }) => check === 'env.mix-up');
    const [hint = '', another] = new Set((mixedUp.length > 0 ? mixedUp : errors).map((error) => error.hint));
    const hintForAll =
      'Set each to its value from Basic Information > App Credentials at https://api.slack.com/apps.';
    return new UserError('credentials-wrong', message, {
      hint: another === undefined ? hint : hintForAll,
      exitCode: 2,
    });
  }
  return new UserError('credentials-missing', message, {
    hint: 'Set the missing values in the environment or the env file, or pipe them in with --secrets-stdin.',
    exitCode: 2,
  });
}
