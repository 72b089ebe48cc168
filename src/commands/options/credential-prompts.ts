import { checkCredentials } from '../../environment/credential-checks.ts';
import {
  type CredentialPart,
  type Credentials,
  completeCredentials,
  credentialLabels,
  credentialVariables,
  type PartialCredentials,
} from '../../environment/credentials.ts';
import { type CredentialsTrial, tryCredentials } from '../../slack/api/credentials-trial.ts';
import type { SlackApi } from '../../slack/api/web-api.ts';
import { ask, confirm } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';

/** How credentials are prompted for. */
export interface CredentialPrompts {
  /** The page of Slack's that leads to them. */
  readonly page: string;
  /** Whether a client id that Slack does not know ends the prompts. */
  readonly strict: boolean;
  readonly terminal: Terminal;
  /** Opens Slack's API. */
  readonly connect: () => Promise<SlackApi>;
}

/** What was entered, and what Slack thinks of the client id and the client secret. */
export interface TriedCredentials {
  readonly values: Credentials;
  readonly trial: CredentialsTrial;
}

const places: Readonly<Record<CredentialPart, string>> = {
  clientId: 'under App Credentials',
  clientSecret: 'below the Client ID: press Show',
  signingSecret: 'below the Client Secret: press Show',
};

/**
 * Prompts for the credentials that are missing, the secrets masked. Has Slack try the client id and the client secret as soon as
 * both are there, and finds secrets that are equal or the other way round at the second one.
 *
 * @param found those that are there
 * @throws UserError `input-missing` if prompts are not possible; Slack's error about the client id with `strict`
 */
export async function askForCredentials(
  found: PartialCredentials,
  { page, strict, terminal, connect }: CredentialPrompts,
): Promise<TriedCredentials> {
  if (!completeCredentials(found)) {
    terminal.note(`Slack shows these values at ${page}, on the page "Basic Information" of the app.`);
  }
  const clientId = found.clientId ?? (await askFor('clientId', found, terminal));
  const clientSecret = found.clientSecret ?? (await askFor('clientSecret', found, terminal));
  const api = await connect();
  const trial = await tryCredentials(api, { clientId, clientSecret });
  if (strict && trial.kind === 'rejected' && trial.part === 'client id') throw trial.error;
  if (trial.kind === 'accepted') terminal.note('Slack accepts the client id and the client secret.');
  if (trial.kind === 'rejected' && trial.part === 'client secret' && !found.signingSecret) {
    terminal.warn(
      'Slack does not accept this client secret for this client id. The next value shows whether the two secrets are the other way round.',
    );
  }
  const signingSecret = found.signingSecret ?? (await askFor('signingSecret', { clientSecret }, terminal));
  return unswap({ values: { clientId, clientSecret, signingSecret }, trial }, terminal, api);
}

/**
 * Swaps the two secrets, after confirmation, if Slack accepts them only the other way round.
 *
 * @throws UserError `credentials-swapped` if prompts are not possible
 */
export async function unswap(
  tried: TriedCredentials,
  terminal: Terminal,
  api: SlackApi,
): Promise<TriedCredentials> {
  const { values, trial } = tried;
  if (trial.kind !== 'rejected' || trial.part !== 'client secret') return tried;
  const swapped = { ...values, clientSecret: values.signingSecret, signingSecret: values.clientSecret };
  const other = await tryCredentials(api, swapped);
  if (other.kind !== 'accepted') return tried;
  const { clientSecret, signingSecret } = credentialVariables;
  const finding = `the two secrets are the other way round: Slack accepts the value of ${signingSecret} as the client secret`;
  if (!terminal.interactive) {
    throw new UserError('credentials-swapped', finding, {
      hint: `Swap the values of ${clientSecret} and ${signingSecret}.`,
      exitCode: 2,
    });
  }
  terminal.warn(finding);
  return (await confirm(terminal, 'Swap the two secrets?', 'the right values', true))
    ? { values: swapped, trial: other }
    : tried;
}

function askFor(part: CredentialPart, others: PartialCredentials, terminal: Terminal): Promise<string> {
  return ask(terminal, {
    message: `${credentialLabels[part]} (${credentialVariables[part]}), ${places[part]}`,
    instead: credentialVariables[part],
    // The client id is public: it is in every link to an installation.
    secret: part !== 'clientId',
    problem: (answer) => problemWith(part, answer, others),
  });
}

function problemWith(part: CredentialPart, answer: string, others: PartialCredentials): string | undefined {
  // A finding without a part is about the two secrets.
  return checkCredentials({ ...others, [part]: answer }).find(
    (finding) =>
      finding.severity === 'error' &&
      (finding.part === part || (finding.part === undefined && part !== 'clientId')),
  )?.message;
}
