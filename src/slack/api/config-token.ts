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

/** The configuration tokens that were given: each for one person in one workspace. */
export interface GivenTokens {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

export interface TokenWorld {
  readonly api: SlackApi;
  readonly store: TokenStorePlace;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal;
}

/** An access token is not used for the last minutes of its twelve hours. */
const marginSeconds = 300;

/**
 * An access token that is valid now: the one that was given, or one that comes of the refresh token. A refresh token
 * works once, so the pair that a rotation brings is stored before it is used, and every later run with the same
 * refresh token goes on from there.
 *
 * @throws UserError `config-token-missing`, `config-token-wrong-kind`, those of the store, or Slack's refusal
 * @see https://docs.slack.dev/reference/methods/tooling.tokens.rotate
 */
export async function obtainConfigToken(given: GivenTokens, world: TokenWorld): Promise<string> {
  const accessToken = given.accessToken?.trim();
  const refreshToken = given.refreshToken?.trim();
  if (accessToken) {
    requireKind(accessToken, 'accessToken');
    return accessToken;
  }
  if (refreshToken) requireKind(refreshToken, 'refreshToken');
  else if (!(await keepsSinglePair(world.store.file))) throw missing();

  return withTokenStore(world.store, world.signal, async (store) => {
    const pair = store.find(refreshToken);
    if (pair && pair.expiresAt - marginSeconds > world.now) return pair.token;
    const unused = pair?.refreshToken ?? refreshToken;
    if (unused === undefined) throw missing();
    await store.rehearse();
    const fresh = await rotate(unused, world);
    await store.keep(fresh, unused);
    world.signal?.throwIfAborted();
    return fresh.token;
  });
}

/** The reading of a token that someone typed or set: what is wrong with it, in words that end a sentence. */
export function configTokenProblem(token: string, wanted: keyof GivenTokens): string | undefined {
  const kind = tokenKind(token);
  // It would not pass as a header, and what the client then says quotes it.
  if (kind === wantedKinds[wanted]) return /[^\x21-\x7e]/.test(token) ? damaged : undefined;
  if (kind === undefined) return `is no ${wantedKinds[wanted]}`;
  return `is ${kind.startsWith('a') ? 'an' : 'a'} ${kind}, not a ${wantedKinds[wanted]}`;
}

const damaged = 'holds a blank, a line break or another character that no token has';

const wantedKinds = {
  accessToken: 'configuration access token',
  refreshToken: 'refresh token',
} as const;

const hints = {
  accessToken:
    'It begins with xoxe.xoxp-: generate one at https://api.slack.com/apps, "Your App Configuration Tokens".',
  refreshToken: 'It begins with xoxe-1-, and stands beside the access token at https://api.slack.com/apps.',
} as const;

function requireKind(token: string, wanted: keyof GivenTokens): void {
  const problem = configTokenProblem(token, wanted);
  if (problem === undefined) return;
  const swapped = wanted === 'accessToken' && tokenKind(token) === 'refresh token';
  throw new UserError('config-token-wrong-kind', `${configTokenVariables[wanted]} ${problem}`, {
    hint: swapped
      ? 'Set it as SLACK_CONFIG_REFRESH_TOKEN instead.'
      : problem === damaged
        ? 'Copy it again from https://api.slack.com/apps, "Your App Configuration Tokens", in one piece.'
        : hints[wanted],
    exitCode: 2,
  });
}

function missing(): UserError {
  return new UserError('config-token-missing', 'an app configuration token is needed, and none is set', {
    hint: 'Generate one at https://api.slack.com/apps, and set SLACK_CONFIG_TOKEN or SLACK_CONFIG_REFRESH_TOKEN.',
    exitCode: 2,
  });
}

async function rotate(refreshToken: string, { api, signal }: TokenWorld): Promise<TokenPair> {
  const aim = 'exchange the refresh token for a configuration token';
  // No token goes along: Slack would look at a bad Authorization header before the argument.
  const args = { refresh_token: refreshToken };
  const call = api.call('tooling.tokens.rotate', args, undefined, withGrace(signal));
  const result = await call.catch((cause: unknown) => {
    if (!signal?.aborted || cause === signal.reason) throw cause;
    throw mayBeUsedUp('interrupted', `could not ${aim}: interrupted before Slack answered`, cause);
  });
  const pair = result.ok ? readPair(result.value) : undefined;
  if (pair) return pair;
  const failure = result.ok ? ({ kind: 'unreadable' } as const) : result.failure;
  const error = slackError(failure, aim, api.url);
  throw mayHaveTakenEffect(failure) ? mayBeUsedUp(error.code, error.message, error) : error;
}

function mayBeUsedUp(code: string, message: string, cause: unknown): UserError {
  return new UserError(code, `${message}; the refresh token may be used up`, {
    hint: 'Try again; where Slack then answers invalid_refresh_token, generate new tokens at https://api.slack.com/apps.',
    exitCode: 3,
    cause,
  });
}

function readPair({ token, refresh_token: refreshToken, exp: expiresAt }: JsonObject): TokenPair | undefined {
  if (typeof token !== 'string' || typeof refreshToken !== 'string') return undefined;
  // Without a time the token counts as run out, and is exchanged again by the next run.
  return { token, refreshToken, expiresAt: typeof expiresAt === 'number' ? expiresAt : 0 };
}
