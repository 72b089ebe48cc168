/**
 * The variables that an env file may set, each with what it is. A folder may come from someone else, and so may the
 * `.env` in it: it supplies values, and never decides where a secret is sent or which program runs.
 */
export const envFileVariables = {
  SLACK_APP_CLIENT_ID: 'Client ID of the Slack app',
  SLACK_APP_CLIENT_SECRET: 'Client Secret of the Slack app',
  SLACK_SECRET: 'Signing Secret of the Slack app',
  SLACK_SECRET_PREVIOUS: 'the signing secret that is being replaced',
  SLACK_SECRET_PREVIOUS_UNTIL: 'when that secret ends',
  SLACK_APP_ID: 'App ID of the Slack app',
  SLACK_APP_TOKEN: 'app-level token, for Socket Mode',
  SLACK_CONFIG_TOKEN: 'app configuration token',
  SLACK_CONFIG_REFRESH_TOKEN: 'refresh token of an app configuration token',
  SPACELIFT_DOMAIN: 'in place of --domain',
  SPACELIFT_WEBHOOK_DOMAIN: 'in place of --webhook-domain',
  DATABASE_URL: 'in place of --store',
  SPACELIFT_SLACK_ENCRYPTION_KEY: 'key of the store',
  SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS: 'key of the store that is being replaced',
} as const;

/** Names of the same credentials in other Slack software. They are detected and reported, never used. */
export const lookAlikeNames = {
  clientId: ['SLACK_CLIENT_ID', 'SLACK_APP_ID'],
  clientSecret: ['SLACK_CLIENT_SECRET', 'SLACK_APP_SECRET'],
  signingSecret: ['SLACK_SIGNING_SECRET', 'SLACK_APP_SIGNING_SECRET', 'SLACK_SIGNING_KEY'],
} as const;

export type EnvFileVariable =
  | keyof typeof envFileVariables
  | (typeof lookAlikeNames)[keyof typeof lookAlikeNames][number];

/** Variables of this program that count in the process environment only. In an env file they are reported. */
export const ignoredInEnvFiles = ['SLACK_API_URL'] as const;
