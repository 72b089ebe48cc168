/**
 * The prefixes of Slack's tokens, longer ones first. The access token of a rotating user token has the prefix of a
 * configuration token, so the two cannot be distinguished.
 */
const prefixes: readonly (readonly [prefix: string, kind: TokenKind])[] = [
  ['xoxe.xoxp-', 'configuration access token'],
  ['xoxe.xoxb-', 'bot token'],
  ['xoxe-', 'refresh token'],
  ['xoxb-', 'bot token'],
  ['xoxp-', 'user token'],
  ['xapp-', 'app-level token'],
  ['xwfp-', 'workflow token'],
  ['xoxc-', "browser's session token"],
  ['xoxd-', "browser's session cookie"],
];

export type TokenKind =
  | 'configuration access token'
  | 'refresh token'
  | 'bot token'
  | 'user token'
  | 'app-level token'
  | 'workflow token'
  | "browser's session token"
  | "browser's session cookie";

/**
 * The kind of a Slack token by its prefix, or undefined if it has none of Slack's prefixes.
 *
 * @see https://docs.slack.dev/authentication/tokens
 */
export function tokenKind(token: string): TokenKind | undefined {
  return prefixes.find(([prefix]) => token.startsWith(prefix))?.[1];
}
