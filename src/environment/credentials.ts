import type { Settings } from './settings.ts';

/** A Slack app's credentials, as its page "Basic Information" shows them. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
}

export type CredentialPart = keyof Credentials;

export const credentialParts = ['clientId', 'clientSecret', 'signingSecret'] as const;

/**
 * The variables that Spacelift's processes read. Note that `SLACK_SECRET` is the signing secret.
 * Source: Spacelift's reference page "Slack", table "Configuration".
 */
export const credentialVariables = {
  clientId: 'SLACK_APP_CLIENT_ID',
  clientSecret: 'SLACK_APP_CLIENT_SECRET',
  signingSecret: 'SLACK_SECRET',
} as const satisfies Record<CredentialPart, string>;

/** The name of each part on Slack's page. */
export const credentialLabels = {
  clientId: 'Client ID',
  clientSecret: 'Client Secret',
  signingSecret: 'Signing Secret',
} as const satisfies Record<CredentialPart, string>;

/** The placeholders in a committed example file. */
export const credentialPlaceholders: Credentials = {
  clientId: '<client id here>',
  clientSecret: '<client secret here>',
  signingSecret: '<signing secret here>',
};

const mask = '********';

/**
 * What a terminal shows: the secrets are masked. The client id is public, but one of another format than Slack's may be
 * a secret in the wrong variable.
 */
export function maskCredentials({ clientId }: Credentials): Credentials {
  const isUsual = /^\d+\.\d+$/.test(clientId);
  return { clientId: isUsual ? clientId : mask, clientSecret: mask, signingSecret: mask };
}

/** Credentials of which some may be missing. An empty value counts as missing. */
export type PartialCredentials = Readonly<Partial<Record<CredentialPart, string>>>;

/** The credentials that are set. They are not trimmed, so that a check sees what Spacelift would. */
export function readCredentials(settings: Settings): PartialCredentials {
  const found: Partial<Record<CredentialPart, string>> = {};
  for (const part of credentialParts) {
    const setting = settings.get(credentialVariables[part]);
    if (setting) found[part] = setting.value;
  }
  return found;
}

/** The credentials among the variables of a file. A placeholder counts as missing. */
export function realCredentials(variables: Readonly<Record<string, string>>): PartialCredentials {
  const found: Partial<Record<CredentialPart, string>> = {};
  for (const part of credentialParts) {
    const value = variables[credentialVariables[part]];
    if (value && value !== credentialPlaceholders[part]) found[part] = value;
  }
  return found;
}

/** All three credentials, or undefined if one is missing. */
export function completeCredentials(values: PartialCredentials): Credentials | undefined {
  const { clientId, clientSecret, signingSecret } = values;
  return clientId && clientSecret && signingSecret ? { clientId, clientSecret, signingSecret } : undefined;
}

export type Variables = Readonly<Record<(typeof credentialVariables)[CredentialPart], string>>;

/** The credentials under the names of the variables, in the order of Spacelift's documentation. */
export function variablesOf({ clientId, clientSecret, signingSecret }: Credentials): Variables {
  return {
    [credentialVariables.clientId]: clientId,
    [credentialVariables.clientSecret]: clientSecret,
    [credentialVariables.signingSecret]: signingSecret,
  };
}
