import { expect, it } from 'vitest';
import { adviseOnSocketMode } from '../../src/slack/socket-mode-advice.ts';

it.each([
  ['invalid_auth', /^Generate an app-level token/],
  ['not_authed', /^Generate an app-level token/],
  ['token_revoked', /^Generate an app-level token/],
  ['token_expired', /^Generate an app-level token/],
  ['account_inactive', /^Generate an app-level token/],
  ['not_allowed_token_type', /^SLACK_APP_TOKEN holds another kind of token\. Generate/],
  ['missing_scope', /^Add the scope connections:write/],
  ['no_permission', /^Add the scope connections:write/],
  ['socket_mode_not_enabled', /^Turn Socket Mode on/],
  ['link_disabled', /^Turn Socket Mode on/],
  ['too_many_websockets', /10 connections/],
  ['forbidden_team', /administrator/],
  ['strange', /^Run: spacelift-slack explain strange$/],
])('says what to do about %s of Socket Mode', (error, advice) => {
  expect(adviseOnSocketMode(error)).toMatch(advice);
});
