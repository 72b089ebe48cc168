import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorWords, explainError } from '../../../src/slack/error-words/error-words.ts';
import { renderErrorWordsPage } from '../../../src/slack/error-words/page.ts';

/** Every code that Slack documents for the methods that are called, and those that its manifest check returns. */
const slackCodes = `
  invalid_auth not_authed token_expired token_revoked account_inactive not_allowed_token_type no_permission
  missing_scope invalid_arguments invalid_arg_name invalid_form_data invalid_post_type missing_post_type ratelimited
  internal_error fatal_error service_unavailable request_timeout enterprise_is_restricted org_login_required
  team_added_to_org two_factor_setup_required accesslimited access_denied unknown_method
  invalid_manifest invalid_app failed_creating_app failed_adding_collaborator invalid_team_id not_in_team
  managed_app_limit_reached socket_mode_not_enabled failed_generating_app_token failed_datastore_operation
  oauth_metadata_not_found invalid_app_id app_not_found app_not_eligible app_not_owned_by_manager_app failed_export
  published_app_only invalid_refresh_token
  failed_constraint missing_field illegal_bot_scopes invalid_scopes requires_commands_bot_scope requires_a_bot_scope
  target_component_is_null invalid_name invalid_user_event_types desc_too_long bad_username connector_not_installed
  failed_to_verify
  invalid_client_id bad_client_secret invalid_code code_already_used bad_redirect_uri oauth_authorization_url_mismatch
  no_scopes invalid_grant_type invalid_code_verifier pkce_not_allowed cannot_install_an_org_installed_app
  user_email_unverified preview_feature_not_available invalid_scope invalid_team_for_non_distributed_app
  scope_not_allowed_on_enterprise unapproved_scope
  dispatch_failed operation_timeout ssl_cacert http_client_error http_service_error
  http_timeout too_many_redirects connection_failed ssl_error http_error unknown_error app_rate_limited
  too_many_websockets link_disabled invalid_browser
`
  .trim()
  .split(/\s+/);

describe('the table of error words', () => {
  it.each(slackCodes)('explains %s', (code) => {
    const entry = explainError(code);
    expect([entry?.word, ...(entry?.alias ?? [])]).toContain(code);
  });

  it('names each word once', () => {
    const names = errorWords.flatMap(({ word, alias = [] }) => [word, ...alias]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(errorWords)(
    'says for $word what it means, the causes, and what to do',
    ({ meaning, causes, advice }) => {
      expect(meaning).toMatch(/^[A-Z`].*\.$/s);
      expect(advice).toMatch(/^[A-Z].*\.$/s);
      expect(causes.length).toBeGreaterThan(0);
      for (const cause of causes) expect(cause).toMatch(/^(?:[A-Z\d]|\S*[_-]|commands).*\.$/);
    },
  );

  it('finds a word as it is pasted', () => {
    expect(explainError(' Invalid_Auth\n')?.word).toBe('invalid_auth');
  });

  it('has no entry for other words, nor for what every object inherits', () => {
    expect(explainError('no_such_word')).toBeUndefined();
    expect(explainError('constructor')).toBeUndefined();
  });
});

it('docs/errors.md is what npm run docs writes', async () => {
  const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  expect(page).toBe(renderErrorWordsPage());
});
