/** What each of Slack's tokens begins with; the longer beginning comes first. The access token of a rotating user
 * token looks like a configuration token, so the two cannot be told apart. */
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
 * The kind of a Slack token by its prefix, or nothing where it has none of Slack's.
 *
 * @see https://docs.slack.dev/authentication/tokens
 */
export function tokenKind(token: string): TokenKind | undefined {
  return prefixes.find(([prefix]) => token.startsWith(prefix))?.[1];
}
