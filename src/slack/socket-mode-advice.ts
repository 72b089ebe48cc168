/** Where a person makes the app-level token. */
const tokenPage = 'Basic Information > App-Level Tokens at https://api.slack.com/apps';

const makeToken = `Generate an app-level token with the scope connections:write under ${tokenPage}, and set SLACK_APP_TOKEN to it.`;
const switchOn =
  'Turn Socket Mode on under Settings > Socket Mode at https://api.slack.com/apps, or run: spacelift-slack app update --socket-mode';

const advice: Readonly<Record<string, string>> = {
  not_allowed_token_type: `SLACK_APP_TOKEN holds another kind of token. ${makeToken}`,
  missing_scope: `Add the scope connections:write to the token under ${tokenPage}, or make a new one.`,
  no_permission: `Add the scope connections:write to the token under ${tokenPage}, or make a new one.`,
  socket_mode_not_enabled: switchOn,
  link_disabled: switchOn,
  too_many_websockets:
    'Slack allows an app 10 connections. Stop what else uses this token, or lower --connections.',
  forbidden_team: "Ask an administrator of the organisation: this workspace may not use Slack's Socket Mode.",
};

/** What to do about Slack's error to `apps.connections.open`, or its reason to end a connection. */
export function adviseOnSocketMode(error: string): string {
  if (['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive'].includes(error)) {
    return makeToken;
  }
  return advice[error] ?? `Run: spacelift-slack explain ${error}`;
}
