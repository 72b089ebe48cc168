import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { stateFolder } from '../../files/state-folder.ts';
import { type AppManifestApi, appManifestApi } from '../../slack/api/app-manifest-api.ts';
import { configTokenVariables, type GivenTokens, obtainConfigToken } from '../../slack/api/config-token.ts';
import { slackError } from '../../slack/api/slack-error.ts';
import { mayHaveTakenEffect, type SlackResult } from '../../slack/api/web-api.ts';
import { UserError } from '../../user-error.ts';
import { connectToSlack } from '../options/slack-api-url.ts';

export interface SessionFlags {
  readonly envFile?: string | undefined;
  readonly slackApiUrl?: string | undefined;
  readonly tokenStore?: string | undefined;
}

/** Slack's App Manifest API with a valid token, and what its failures are told with. */
export interface AppSession {
  readonly apps: AppManifestApi;
  /** The configuration token that its calls carry. */
  readonly token: string;
  /** Slack's origin. */
  readonly url: string;
  /**
   * The value of a call.
   *
   * @param aim what was tried, as it follows "could not"
   * @throws UserError with Slack's refusal, or what else came in between
   */
  done<Value>(result: SlackResult<Value>, aim: string): Value;
  /**
   * Makes a call that changes something at Slack. An interruption waits for its answer as long as Slack commonly takes,
   * so the caller learns what came of it, and says so before the command ends.
   *
   * @param thenLook what to do where the change may have been made although no answer says so
   * @throws UserError as {@link done}, and `interrupted` where no answer came in that time
   */
  change<Value>(
    call: (interruption: AbortSignal) => Promise<SlackResult<Value>>,
    aim: string,
    thenLook: string,
  ): Promise<Value>;
}

/**
 * Gets a configuration token, and with it the App Manifest API.
 *
 * @param tokens in place of those in the environment and the env file
 * @throws UserError where a token is missing, of the wrong kind, or cannot be exchanged or stored
 */
export async function openSession(
  flags: SessionFlags,
  context: Context,
  tokens?: GivenTokens,
): Promise<AppSession> {
  const { interruption } = context;
  const settings = await context.settings(flags.envFile);
  const api = await connectToSlack(flags.slackApiUrl, settings, context);
  const given = tokens ?? {
    accessToken: settings.get(configTokenVariables.accessToken)?.value,
    refreshToken: settings.get(configTokenVariables.refreshToken)?.value,
  };
  const token = await obtainConfigToken(given, {
    api,
    store: {
      file: tokenStoreFile(flags, context),
      rescueFolders: rescueFolders(context),
    },
    now: Math.floor(context.now() / 1000),
    signal: interruption,
  });
  const done: AppSession['done'] = (result, aim) => {
    if (result.ok) return result.value;
    const error = slackError(result.failure, aim, api.url);
    const { accessToken, refreshToken } = given;
    if (error.code !== 'slack-token-expired' || !accessToken || !refreshToken) throw error;
    throw new UserError(error.code, error.message, {
      hint: `Unset ${configTokenVariables.accessToken}: ${configTokenVariables.refreshToken} is set too, and is exchanged when needed.`,
      exitCode: 3,
    });
  };
  return {
    apps: appManifestApi(api, token),
    token,
    url: api.url,
    done,
    async change(call, aim, thenLook) {
      interruption.throwIfAborted();
      const uncertain = (code: string, message: string, cause: unknown) =>
        new UserError(code, `${message}; Slack may have done it all the same`, {
          hint: thenLook,
          exitCode: 3,
          cause,
        });
      const result = await call(interruption).catch((cause: unknown) => {
        // What only waited for Slack to take it was not done.
        if (!interruption.aborted || cause === interruption.reason) throw cause;
        throw uncertain('interrupted', `could not ${aim}: interrupted before Slack answered`, cause);
      });
      if (result.ok || !mayHaveTakenEffect(result.failure)) return done(result, aim);
      const error = slackError(result.failure, aim, api.url);
      throw uncertain(error.code, error.message, error);
    },
  };
}

/** Where pairs of configuration tokens are kept. */
export function tokenStoreFile({ tokenStore }: SessionFlags, { env, cwd }: Context): string {
  return tokenStore ? resolve(cwd, tokenStore) : join(stateFolder(env), 'configuration-tokens.json');
}

/** Where secrets go that could not be written to where they belong. */
export function rescueFolders({ env }: Context): readonly string[] {
  return [stateFolder(env), tmpdir()];
}

/** The app's page in Slack's settings; GovSlack has its own. */
export function appPage(url: string, appId: string, page = ''): string {
  const host = url === 'https://slack-gov.com' ? 'api.slack-gov.com' : 'api.slack.com';
  return `https://${host}/apps/${appId}${page}`;
}
