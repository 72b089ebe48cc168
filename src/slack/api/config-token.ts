import type { JsonObject } from '../../json-value.ts';
import { UserError } from '../../user-error.ts';
import { tokenKind } from '../token-kind.ts';
import { slackError } from './slack-error.ts';
import { keepsSinglePair, type TokenPair, type TokenStorePlace, withTokenStore } from './token-store.ts';
import { mayHaveTakenEffect, type SlackApi, withGrace } from './web-api.ts';

export const configTokenVariables = {
  accessToken: 'SLACK_CONFIG_TOKEN',
  refreshToken: 'SLACK_CONFIG_REFRESH_TOKEN',
} as const;

/** The configuration tokens of the user. Each is for one person in one workspace. */
export interface GivenTokens {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

export interface TokenContext {
  readonly api: SlackApi;
  readonly store: TokenStorePlace;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal;
}

/** An access token is not used in the last minutes of its twelve hours. */
const marginSeconds = 300;

/**
 * A valid access token: the given one, or one obtained with the refresh token. A refresh token works once, so the new
 * pair is stored before it is used, and later runs with the same refresh token use the stored pair.
 *
 * @throws UserError `config-token-missing`, `config-token-wrong-kind`, those of the store, or Slack's error
 * @see https://docs.slack.dev/reference/methods/tooling.tokens.rotate
 */
export async function obtainConfigToken(given: GivenTokens, context: TokenContext): Promise<string> {
  const accessToken = given.accessToken?.trim();
  const refreshToken = given.refreshToken?.trim();
  if (accessToken) {
    requireKind(accessToken, 'accessToken');
    return accessToken;
  }
  if (refreshToken) requireKind(refreshToken, 'refreshToken');
  else if (!(await keepsSinglePair(context.store.file))) throw missing();

  return withTokenStore(context.store, context.signal, async (store) => {
    const pair = store.find(refreshToken);
    if (pair && pair.expiresAt - marginSeconds > context.now) return pair.token;
    const unused = pair?.refreshToken ?? refreshToken;
    if (unused === undefined) throw missing();
    await store.rehearse();
    const fresh = await rotate(unused, context);
    await store.keep(fresh, unused);
    context.signal?.throwIfAborted();
    return fresh.token;
  });
}

/** What is wrong with a token, as a clause that follows its name; undefined if nothing is. */
export function configTokenProblem(token: string, expected: keyof GivenTokens): string | undefined {
  const kind = tokenKind(token);
  // Such a token is not valid in a header, and the error of the HTTP client would quote it.
  if (kind === expectedKinds[expected]) return /[^\x21-\x7e]/.test(token) ? damaged : undefined;
  if (kind === undefined) return `is not a ${expectedKinds[expected]}`;
  return `is ${kind.startsWith('a') ? 'an' : 'a'} ${kind}, not a ${expectedKinds[expected]}`;
}

const damaged = 'contains a space, a line break or another character that no token has';

const expectedKinds = {
  accessToken: 'configuration access token',
  refreshToken: 'refresh token',
} as const;

const hints = {
  accessToken:
    'Generate one at https://api.slack.com/apps, "Your App Configuration Tokens": it begins with xoxe.xoxp-.',
  refreshToken: 'Copy it from https://api.slack.com/apps, next to the access token: it begins with xoxe-1-.',
} as const;

function requireKind(token: string, expected: keyof GivenTokens): void {
  const problem = configTokenProblem(token, expected);
  if (problem === undefined) return;
  const swapped = expected === 'accessToken' && tokenKind(token) === 'refresh token';
  throw new UserError('config-token-wrong-kind', `${configTokenVariables[expected]} ${problem}`, {
    hint: swapped
      ? 'Set it as SLACK_CONFIG_REFRESH_TOKEN instead.'
      : problem === damaged
        ? 'Copy the whole token again from https://api.slack.com/apps, "Your App Configuration Tokens".'
        : hints[expected],
    exitCode: 2,
  });
}

function missing(): UserError {
  return new UserError('config-token-missing', 'no app configuration token is set', {
    hint: 'Generate one at https://api.slack.com/apps, and set SLACK_CONFIG_TOKEN or SLACK_CONFIG_REFRESH_TOKEN.',
    exitCode: 2,
  });
}

async function rotate(refreshToken: string, { api, signal }: TokenContext): Promise<TokenPair> {
  const aim = 'exchange the refresh token for a configuration token';
  // Without an Authorization header: Slack would check it before the argument.
  const args = { refresh_token: refreshToken };
  const call = api.call('tooling.tokens.rotate', args, undefined, withGrace(signal));
  const result = await call.catch((cause: unknown) => {
    if (!signal?.aborted || cause === signal.reason) throw cause;
    throw mayHaveBeenUsed('interrupted', `could not ${aim}: interrupted before Slack responded`, cause);
  });
  const pair = result.ok ? readPair(result.value) : undefined;
  if (pair) return pair;
  const failure = result.ok ? ({ kind: 'unreadable' } as const) : result.failure;
  const error = slackError(failure, aim, api.url);
  throw mayHaveTakenEffect(failure) ? mayHaveBeenUsed(error.code, error.message, error) : error;
}

function mayHaveBeenUsed(code: string, message: string, cause: unknown): UserError {
  return new UserError(code, `${message}; the refresh token may have been used`, {
    hint: 'Retry; if Slack then returns invalid_refresh_token, generate new tokens at https://api.slack.com/apps.',
    exitCode: 3,
    cause,
  });
}

function readPair({ token, refresh_token: refreshToken, exp: expiresAt }: JsonObject): TokenPair | undefined {
  if (typeof token !== 'string' || typeof refreshToken !== 'string') return undefined;
  // Without an expiry time the token counts as expired, and the next run exchanges it.
  return { token, refreshToken, expiresAt: typeof expiresAt === 'number' ? expiresAt : 0 };
}
