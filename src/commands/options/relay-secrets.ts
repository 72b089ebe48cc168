import { appTokenVariable, readAppToken } from '../../environment/app-token.ts';
import { checkCredentials } from '../../environment/credential-checks.ts';
import { credentialLabels, credentialVariables } from '../../environment/credentials.ts';
import type { RelaySecrets } from '../../environment/relay-variables.ts';
import type { Settings } from '../../environment/settings.ts';
import { ask } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';

/**
 * The signing secret and the app-level token, checked; what is missing is asked for on a terminal, masked.
 *
 * @param mayAsk false where standard input is taken already
 * @throws UserError `relay-secrets-wrong`
 */
export async function requireRelaySecrets(
  settings: Settings,
  terminal: Terminal,
  mayAsk: boolean,
): Promise<RelaySecrets> {
  const appId = settings.get('SLACK_APP_ID')?.value;
  const asks = mayAsk && terminal.interactive;
  const askFor = (name: string, label: string, problem: (answer: string) => string | undefined) =>
    asks
      ? ask(terminal, { message: `${label} (${name})`, instead: name, secret: true, problem })
      : Promise.resolve(undefined);
  const secretName = credentialVariables.signingSecret;
  const signingSecret =
    settings.get(secretName)?.value ??
    (await askFor(
      secretName,
      credentialLabels.signingSecret,
      (answer) => problemWithSecret(answer)?.message,
    ));
  const wrong = problemWithSecret(signingSecret);
  if (signingSecret === undefined || wrong) {
    throw new UserError('relay-secrets-wrong', wrong?.message ?? `${secretName} is not set`, {
      hint: wrong?.hint ?? 'Copy the Signing Secret from Basic Information > App Credentials.',
      exitCode: 2,
    });
  }
  const context = { signingSecret, appId };
  const token =
    settings.get(appTokenVariable)?.value ??
    (await askFor(appTokenVariable, 'App-Level Token', (answer) => {
      const read = readAppToken(answer, context);
      return read.ok ? undefined : read.problem;
    }));
  const read = readAppToken(token, context);
  if (!read.ok) {
    throw new UserError('relay-secrets-wrong', read.problem, { hint: read.hint, exitCode: 2 });
  }
  return { signingSecret, appToken: read.token };
}

function problemWithSecret(signingSecret: string | undefined) {
  if (signingSecret === undefined) return undefined;
  return checkCredentials({ signingSecret }).find(
    ({ severity, part }) => severity === 'error' && part === 'signingSecret',
  );
}
