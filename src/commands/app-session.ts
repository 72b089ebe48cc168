import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSettings, type Settings } from '../environment/settings.ts';
import { type AppManifestApi, appManifestApi } from '../slack/app-manifest-api.ts';
import { configTokenVariables, type GivenTokens, obtainConfigToken } from '../slack/config-token.ts';
import { slackError } from '../slack/slack-error.ts';
import type { SlackResult } from '../slack/web-api.ts';
import { stateFolder } from '../state-folder.ts';
import type { Context } from '../terminal/context.ts';
import { connectToSlack } from './slack-api-option.ts';

export interface SessionFlags {
  readonly envFile?: string | undefined;
  readonly slackApiUrl?: string | undefined;
  readonly tokenStore?: string | undefined;
}

/** Slack's App Manifest API with a valid token, and what its failures are told with. */
export interface AppSession {
  readonly apps: AppManifestApi;
  readonly settings: Settings;
  /** Slack's origin. */
  readonly url: string;
  /**
   * The value of a call.
   *
   * @param aim what was tried, as it follows "could not"
   * @throws UserError with Slack's refusal, or what else came in between
   */
  done<Value>(result: SlackResult<Value>, aim: string): Value;
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
  const { env, cwd, interruption } = context;
  const settings = await readSettings({ env, cwd, envFile: flags.envFile });
  const api = await connectToSlack(flags.slackApiUrl, settings, context);
  const token = await obtainConfigToken(
    tokens ?? {
      accessToken: settings.get(configTokenVariables.accessToken)?.value,
      refreshToken: settings.get(configTokenVariables.refreshToken)?.value,
    },
    {
      api,
      store: {
        file: tokenStoreFile(flags, context),
        rescueFolders: rescueFolders(context),
      },
      now: Math.floor(context.now() / 1000),
      signal: interruption,
    },
  );
  return {
    apps: appManifestApi(api, token),
    settings,
    url: api.url,
    done(result, aim) {
      if (result.ok) return result.value;
      throw slackError(result.failure, aim, api.url);
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
