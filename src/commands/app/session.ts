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

/** What the commands that call the App Manifest API have in common. */
export interface SessionOptions {
  readonly envFile?: string | undefined;
  readonly slackApiUrl?: string | undefined;
  readonly tokenStore?: string | undefined;
}

/** Slack's App Manifest API with a valid token, and the handling of its failures. */
export interface AppSession {
  readonly apps: AppManifestApi;
  /** The configuration token that its calls carry. */
  readonly token: string;
  /** Slack's origin. */
  readonly url: string;
  /**
   * The value of a call.
   *
   * @param aim what was attempted, as it follows "could not"
   * @throws UserError with Slack's error, or the failure of the call
   */
  done<Value>(result: SlackResult<Value>, aim: string): Value;
  /**
   * Makes a call that changes something at Slack. An interruption waits for the response as long as Slack usually takes,
   * so that the caller can report the outcome before the command ends.
   *
   * @param thenLook what to do if the change may have been made although there was no response
   * @throws UserError as {@link done}, and `interrupted` if there was no response in that time
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
 * @param tokens used in place of those in the environment and the env file
 * @throws UserError if a token is missing, of the wrong kind, or cannot be exchanged or stored
 */
export async function openSession(
  options: SessionOptions,
  context: Context,
  tokens?: GivenTokens,
): Promise<AppSession> {
  const { interruption } = context;
  const settings = await context.settings(options.envFile);
  const api = await connectToSlack(options.slackApiUrl, settings, context);
  const given = tokens ?? {
    accessToken: settings.get(configTokenVariables.accessToken)?.value,
    refreshToken: settings.get(configTokenVariables.refreshToken)?.value,
  };
  const token = await obtainConfigToken(given, {
    api,
    store: {
      file: tokenStoreFile(options, context),
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
        new UserError(code, `${message}; Slack may have done it anyway`, {
          hint: thenLook,
          exitCode: 3,
          cause,
        });
      const result = await call(interruption).catch((cause: unknown) => {
        // A call that only waited for a rate limit was not sent.
        if (!interruption.aborted || cause === interruption.reason) throw cause;
        throw uncertain('interrupted', `could not ${aim}: interrupted before Slack responded`, cause);
      });
      if (result.ok || !mayHaveTakenEffect(result.failure)) return done(result, aim);
      const error = slackError(result.failure, aim, api.url);
      throw uncertain(error.code, error.message, error);
    },
  };
}

/** The file that keeps pairs of configuration tokens. */
export function tokenStoreFile({ tokenStore }: SessionOptions, { env, cwd }: Context): string {
  return tokenStore ? resolve(cwd, tokenStore) : join(stateFolder(env), 'configuration-tokens.json');
}

/** The folders for secrets that could not be written to their own file. */
export function rescueFolders({ env }: Context): readonly string[] {
  return [stateFolder(env), tmpdir()];
}
