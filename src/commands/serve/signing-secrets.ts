import {
  type CredentialFinding,
  checkCredentials,
  checkValue,
  findLookAlikes,
} from '../../environment/credential-checks.ts';
import { credentialVariables, readCredentials } from '../../environment/credentials.ts';
import type { Settings } from '../../environment/settings.ts';
import { UserError } from '../../user-error.ts';

const previousVariable = 'SLACK_SECRET_PREVIOUS';
const untilVariable = 'SLACK_SECRET_PREVIOUS_UNTIL';

export interface SigningSecrets {
  /** The current one, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  /** When the previous one ends, in milliseconds since the epoch; undefined if it does not. */
  readonly previousSecretUntil: number | undefined;
  /** What the operator should know about the previous one. */
  readonly remark: string | undefined;
}

/**
 * Reads the signing secrets that requests are verified with.
 *
 * @param now milliseconds since the epoch
 * @throws UserError `signing-secret-missing`, `credentials-wrong`, `time-invalid`
 */
export function readSigningSecrets(settings: Settings, now: number): SigningSecrets {
  const current = readCurrent(settings);
  const previous = settings.get(previousVariable)?.value;
  const until = settings.get(untilVariable)?.value;
  const previousSecretUntil = until === undefined ? undefined : parseTime(until);
  if (previous === undefined) {
    const remark =
      until === undefined ? undefined : `${untilVariable} has no effect without ${previousVariable}`;
    return { signingSecrets: [current], previousSecretUntil, remark };
  }
  requireSound(checkValue('signingSecret', previous, previousVariable));
  const remark =
    previous === current
      ? `${previousVariable} is the same as ${credentialVariables.signingSecret}: set it to the old secret, or remove it`
      : previousSecretUntil === undefined
        ? `${previousVariable} is accepted too, without an end: set ${untilVariable}, or remove it after the rotation`
        : previousSecretUntil <= now
          ? `${previousVariable} is not accepted any more since ${until}: remove it`
          : `${previousVariable} is accepted too, until ${until}`;
  return { signingSecrets: [current, previous], previousSecretUntil, remark };
}

function readCurrent(settings: Settings): string {
  const credentials = readCredentials(settings);
  const { signingSecret } = credentials;
  if (signingSecret === undefined) {
    const lookAlike = findLookAlikes(settings).find(({ part }) => part === 'signingSecret');
    throw new UserError(
      'signing-secret-missing',
      `${credentialVariables.signingSecret}, the signing secret, is not set`,
      {
        hint: lookAlike
          ? `${lookAlike.name} is set (${lookAlike.source}); name it ${credentialVariables.signingSecret}, as Spacelift does.`
          : 'Set it in the environment or the env file: without it nothing can be verified.',
        exitCode: 2,
      },
    );
  }
  // What is not set is not missed here: OAuth is off without it.
  requireSound(
    checkCredentials(credentials).filter(({ part }) => part === undefined || credentials[part] !== undefined),
  );
  return signingSecret;
}

function requireSound(findings: readonly CredentialFinding[]): void {
  const mistake = findings.find(({ severity }) => severity === 'error');
  if (!mistake) return;
  throw new UserError('credentials-wrong', mistake.message, { hint: mistake.hint, exitCode: 2 });
}

/** A date and a time with its offset (RFC 3339): without one it would depend on the machine. */
const timeFormat = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function parseTime(text: string): number {
  const [, year, month, day] = timeFormat.exec(text) ?? [];
  const time = Date.parse(text);
  // JavaScript reads February 30 as March 2.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (day !== undefined && !Number.isNaN(time) && date.getUTCDate() === Number(day)) return time;
  throw new UserError(
    'time-invalid',
    `${untilVariable} is not a time: ${JSON.stringify(text.slice(0, 40))}`,
    {
      hint: 'Write it with its offset from UTC, such as 2026-12-01T12:00:00Z.',
      exitCode: 2,
    },
  );
}
