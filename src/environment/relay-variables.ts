import { appTokenVariable } from './app-token.ts';
import { credentialVariables } from './credentials.ts';
import { encodeValue } from './dotenv-document.ts';

/** What a relay in Socket Mode needs from the Slack app. Spacelift itself never needs the token. */
export interface RelaySecrets {
  readonly signingSecret: string;
  readonly appToken: string;
}

/** What a terminal shows instead of the values. */
export const maskedRelaySecrets: RelaySecrets = { signingSecret: '********', appToken: '********' };

/** The env file of a relay: for `--env-file`, systemd's `EnvironmentFile` and Docker's `--env-file` alike. */
export function renderRelayFile({ signingSecret, appToken }: RelaySecrets): string {
  const variables = { [credentialVariables.signingSecret]: signingSecret, [appTokenVariable]: appToken };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${encodeValue(name, value)}\n`)
    .join('');
}
