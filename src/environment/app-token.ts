/** The app-level token of Socket Mode. Spacelift itself never needs it. */
export const appTokenVariable = 'SLACK_APP_TOKEN';

export type ReadAppToken =
  /** `appId` is the third part of the token. */
  | { readonly ok: true; readonly token: string; readonly appId: string }
  /** Neither text holds any part of the token. */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

export interface AppTokenContext {
  /** The signing secret, which is easily pasted in its place. */
  readonly signingSecret?: string | undefined;
  /** The app that the token has to be of, where that is known. */
  readonly appId?: string | undefined;
}

const howToMake =
  'Generate one under Basic Information > App-Level Tokens at https://api.slack.com/apps, with the scope connections:write.';

/** What stands in the token's place, by its shape; from the most to the least specific. */
const mixUps: readonly (readonly [shape: RegExp, what: string])[] = [
  [/^xoxe\.xoxp-|^xoxe-/, 'a configuration token'],
  [/^xoxb-|^xoxe\.xoxb-/, 'a bot token'],
  [/^xoxp-/, 'a user token'],
  [/^xwfp-/, 'a workflow token'],
  [/^[0-9a-f]{32}$/, "one of the app's secrets"],
  [/^A[A-Z0-9]{7,}$/, 'an app ID'],
  [/^\d+\.\d+$/, 'a client ID'],
];

/**
 * Reads an app-level token, `xapp-1-A…-…-…` (Slack: Tokens). Only Slack can say whether it is valid.
 *
 * @param value undefined if it is not set
 */
export function readAppToken(
  value: string | undefined,
  { signingSecret, appId }: AppTokenContext,
): ReadAppToken {
  const fail = (problem: string, hint = howToMake) =>
    ({ ok: false, problem: `${appTokenVariable} ${problem}`, hint }) as const;
  if (value === undefined) return fail('is not set');
  if (value === signingSecret) return fail('holds the signing secret, not an app-level token (xapp-…)');
  const mixUp = mixUps.find(([shape]) => shape.test(value));
  if (mixUp) return fail(`holds ${mixUp[1]}, not an app-level token (xapp-…)`);
  const tokenAppId = /^xapp-\d+-(A[A-Z0-9]+)-\d+-[0-9a-zA-Z]+$/.exec(value)?.[1];
  if (tokenAppId === undefined) {
    return fail(
      'is not an app-level token, which has the format xapp-1-A…-…-…',
      'Copy it again, without quotes, blanks or line breaks.',
    );
  }
  if (appId !== undefined && tokenAppId !== appId) {
    return fail(
      `is a token of the app ${tokenAppId}, not of ${appId}`,
      'Use the app-level token of the same app as the signing secret, or correct SLACK_APP_ID.',
    );
  }
  return { ok: true, token: value, appId: tokenAppId };
}
