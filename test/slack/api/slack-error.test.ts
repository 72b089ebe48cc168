import { describe, expect, it } from 'vitest';
import { describeSlackFailure, slackError } from '../../../src/slack/api/slack-error.ts';
import type { SlackFailure } from '../../../src/slack/api/web-api.ts';
import { explainError } from '../../../src/slack/error-words/error-words.ts';

const refusal = (error: string, more = {}) =>
  slackError({ kind: 'refused', error, body: { ok: false, error, ...more } }, 'do it', 'https://slack.com');

/** What Slack documents for `apps.manifest.*` and `tooling.tokens.rotate`. */
const documented = `access_denied accesslimited account_inactive app_not_eligible app_not_found
  app_not_owned_by_manager_app enterprise_is_restricted failed_adding_collaborator failed_creating_app
  failed_datastore_operation failed_export failed_generating_app_token fatal_error internal_error invalid_app
  invalid_app_id invalid_arg_name invalid_arguments invalid_auth invalid_form_data invalid_manifest invalid_post_type
  invalid_refresh_token invalid_team_id managed_app_limit_reached missing_post_type missing_scope no_permission
  not_allowed_token_type not_authed not_in_team oauth_metadata_not_found org_login_required published_app_only
  ratelimited request_timeout service_unavailable socket_mode_not_enabled team_added_to_org token_expired token_revoked
  two_factor_setup_required unknown_method`.split(/\s+/);

/** What the entries of `errors` were seen to hold. */
const details = `bad_username connector_not_installed desc_too_long failed_constraint failed_to_verify
  illegal_bot_scopes invalid_name invalid_scopes invalid_user_event_types missing_field requires_a_bot_scope
  requires_commands_bot_scope target_component_is_null`.split(/\s+/);

const fallback = refusal('never_heard').hint;

describe('slackError', () => {
  it.each(documented)('says what to do about %s', (word) => {
    const { code, message, hint, exitCode } = refusal(word);
    expect(message).toBe(`could not do it: Slack returned ${word}`);
    expect(hint).not.toBe(fallback);
    expect(code).toBe(`slack-${word.replaceAll('_', '-')}`);
    expect(exitCode).toBe(3);
  });

  it.each(details)('says what to do about %s within a manifest', (code) => {
    const errors = [{ message: 'm', pointer: '/features', code }];
    const { message, hint } = refusal('invalid_manifest', { errors });
    expect(message).toContain('invalid_manifest: m (/features)');
    expect(hint).not.toBe(refusal('invalid_manifest').hint);
  });

  it('names each problem of a manifest with its place', () => {
    const errors = [{ message: 'one', pointer: '/a' }, { message: 'two' }, { code: 'three' }, 'four', {}];
    expect(refusal('invalid_manifest', { errors }).message).toBe(
      'could not do it: Slack returned invalid_manifest: one (/a); two; three; "four"; {}',
    );
  });

  it('says where to look up any other word', () => {
    expect(refusal('never_heard').hint).toMatch(
      /^Look the error up at https:\/\/docs\.slack\.dev\/reference\/methods/,
    );
  });

  it('prefers what it knows of the first problem of a manifest that it knows', () => {
    const errors = [
      { message: 'm' },
      { message: 'm', code: 'never_heard' },
      { message: 'm', code: 'missing_field' },
    ];
    expect(refusal('invalid_manifest', { errors }).hint).toBe(explainError('missing_field')?.advice);
  });

  it('makes a code of any word', () => {
    expect(refusal('Odd  word!').code).toBe('slack-Odd-word-');
  });

  const url = 'https://slack.com';
  it.each<[SlackFailure, code: string, reason: string, hint: RegExp]>([
    [
      { kind: 'rate-limited', retryAfterSeconds: 30 },
      'slack-rate-limited',
      'Slack rate limits these calls for 30 s',
      /^Retry after that time/,
    ],
    [
      { kind: 'http', status: 500 },
      'slack-http-error',
      `${url} returned HTTP status 500`,
      /slack-status\.com/,
    ],
    [{ kind: 'http', status: 499 }, 'slack-http-error', `${url} returned HTTP status 499`, /--slack-api-url/],
    [{ kind: 'unreadable' }, 'slack-unreadable', `the response of ${url} is not Slack's`, /login page/],
    [
      { kind: 'timeout', afterMs: 8_000 },
      'slack-timeout',
      `no response from ${url} within 8 s`,
      /HTTPS_PROXY/,
    ],
    [
      { kind: 'unreachable', cause: { kind: 'refused' } },
      'slack-unreachable',
      `cannot connect to ${url}: connection refused`,
      /HTTPS_PROXY/,
    ],
  ])('says what to do about %j', (failure, code, reason, hint) => {
    expect(slackError(failure, 'do it', url)).toMatchObject({
      code,
      message: `could not do it: ${reason}`,
      hint: expect.stringMatching(hint),
      exitCode: 3,
    });
    expect(describeSlackFailure(failure, url)).toBe(reason);
  });
});
