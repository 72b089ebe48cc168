import { isObject, type JsonObject } from '../../json-value.ts';
import type { SlackApi, SlackFailure } from '../../slack/api/web-api.ts';
import type { Installation, InstallationSummary, Installations } from '../../store/installations.ts';
import { fields, text } from '../fields.ts';

/**
 * Reads the response of `oauth.v2.access`. An org-wide installation has no team: its id is the enterprise's.
 *
 * @param now milliseconds since the epoch
 * @returns undefined if there is no bot token in it
 */
export function readInstallation(response: JsonObject, now: number): Installation | undefined {
  const team = fields(response['team']);
  const enterprise = fields(response['enterprise']);
  const orgWide = response['is_enterprise_install'] === true;
  const id = text(orgWide ? enterprise?.['id'] : team?.['id']);
  const bot = text(response['access_token']);
  const refresh = text(response['refresh_token']);
  const expiresIn = response['expires_in'];
  if (!id || !bot) return undefined;
  return {
    id,
    orgWide,
    teamId: text(team?.['id']) ?? null,
    teamName: text(team?.['name']) ?? null,
    enterpriseId: text(enterprise?.['id']) ?? null,
    enterpriseName: text(enterprise?.['name']) ?? null,
    appId: text(response['app_id']) ?? '',
    botUserId: text(response['bot_user_id']) ?? null,
    scopes: text(response['scope']) ?? '',
    installedBy: text(fields(response['authed_user'])?.['id']) ?? null,
    installedAt: now,
    tokens: {
      bot,
      ...(refresh === undefined ? {} : { refresh }),
      ...(typeof expiresIn === 'number' ? { expiresAt: now + expiresIn * 1000 } : {}),
    },
  };
}

/** How the scopes that a workspace has granted differ from those of the manifest. */
export interface ScopeDifference {
  readonly granted: readonly string[];
  /** In the manifest, but not granted: the app has to be installed again. */
  readonly missing: readonly string[];
  /** Granted, but not in the manifest. Slack never takes a scope back by itself. */
  readonly extra: readonly string[];
}

/** @param granted as Slack writes scopes, with commas between them */
export function compareScopes(granted: string, required: readonly string[]): ScopeDifference {
  const list = granted.split(',').filter((scope) => scope !== '');
  return {
    granted: list,
    missing: required.filter((scope) => !list.includes(scope)),
    extra: list.filter((scope) => !required.includes(scope)),
  };
}

type TokenCheck =
  /** The token works. `scopes` are those that it has now, if Slack says so. */
  | { readonly kind: 'valid'; readonly scopes: string | undefined }
  /** Slack rejects the token with this error code. */
  | { readonly kind: 'invalid'; readonly error: string }
  /** Slack could not be asked, so that nothing is known. */
  | { readonly kind: 'unchecked'; readonly failure: SlackFailure };

/** Error codes that say nothing about the token. */
const temporaryErrors = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
]);

/** Asks Slack whether a bot token works (Slack: auth.test). */
async function checkToken(token: string, slack: SlackApi): Promise<TokenCheck> {
  const result = await slack.call('auth.test', {}, { token });
  if (!result.ok) {
    const { failure } = result;
    const isInvalid = failure.kind === 'refused' && !temporaryErrors.has(failure.error);
    return isInvalid ? { kind: 'invalid', error: failure.error } : { kind: 'unchecked', failure };
  }
  // The client puts the header X-OAuth-Scopes here.
  const metadata = result.value['response_metadata'];
  const scopes = isObject(metadata) ? metadata['scopes'] : undefined;
  return { kind: 'valid', scopes: Array.isArray(scopes) ? scopes.join(',') : undefined };
}

export interface VerifiedInstallation {
  readonly installation: InstallationSummary;
  readonly token: TokenCheck;
  /** By what Slack says now, else by what it said at the installation. */
  readonly scopes: ScopeDifference;
}

/**
 * Asks Slack about every installation, one after the other: auth.test allows hundreds a minute.
 *
 * @param required the manifest's bot scopes
 */
export async function verifyInstallations(
  installations: Pick<Installations, 'list' | 'find'>,
  slack: SlackApi,
  required: readonly string[],
): Promise<readonly VerifiedInstallation[]> {
  const verified: VerifiedInstallation[] = [];
  for (const { id } of await installations.list()) {
    const found = await installations.find(id);
    // Deleted meanwhile.
    if (!found) continue;
    const { tokens, ...installation } = found;
    const token = await checkToken(tokens.bot, slack);
    const granted = (token.kind === 'valid' ? token.scopes : undefined) ?? installation.scopes;
    verified.push({ installation, token, scopes: compareScopes(granted, required) });
  }
  return verified;
}

export type Revocation =
  | { readonly kind: 'revoked' }
  /** The token had stopped working before. */
  | { readonly kind: 'was-invalid'; readonly error: string }
  /** The token may still work. */
  | { readonly kind: 'failed'; readonly failure: SlackFailure };

/** Error codes that mean that a token will never work again. Not `invalid_auth`: Slack's IP allow list causes it too. */
const endedErrors = new Set(['account_inactive', 'token_expired', 'token_revoked']);

/** Ends a bot token (Slack: auth.revoke). If it does not rotate, this removes the app from the workspace. */
export async function revokeToken(token: string, slack: SlackApi): Promise<Revocation> {
  const result = await slack.call('auth.revoke', {}, { token });
  if (result.ok) return { kind: 'revoked' };
  const { failure } = result;
  const hasEnded = failure.kind === 'refused' && endedErrors.has(failure.error);
  return hasEnded ? { kind: 'was-invalid', error: failure.error } : { kind: 'failed', failure };
}

/** Revokes the token of an installation, then deletes the installation. If the token may still work, nothing is deleted. */
export async function forgetInstallation(
  { id, tokens }: Installation,
  installations: Pick<Installations, 'delete'>,
  slack: SlackApi,
): Promise<Revocation> {
  const revocation = await revokeToken(tokens.bot, slack);
  if (revocation.kind !== 'failed') await installations.delete(id);
  return revocation;
}

/**
 * Whether a workspace may install the app.
 *
 * @param allowed ids of workspaces and of Enterprise organisations, whose workspaces are all allowed; undefined allows any
 */
export function mayInstall(
  { id, enterpriseId }: Pick<Installation, 'id' | 'enterpriseId'>,
  allowed: readonly string[] | undefined,
): boolean {
  return (
    allowed === undefined || allowed.includes(id) || (enterpriseId !== null && allowed.includes(enterpriseId))
  );
}
