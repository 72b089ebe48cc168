import type { Context } from '../../cli/context.ts';
import { withSecrets } from '../../environment/secrets-input.ts';
import { readSettings } from '../../environment/settings.ts';
import { configTokenProblem, configTokenVariables, type GivenTokens } from '../../slack/api/config-token.ts';
import { keepsSinglePair } from '../../slack/api/token-store.ts';
import { appList } from '../../slack/app-page.ts';
import { tokenKind } from '../../slack/token-kind.ts';
import { ask, confirm } from '../../terminal/prompt.ts';
import { chooseCredentialsFile, keepCredentials } from '../app/credentials.ts';
import { createApp } from '../app/new-app.ts';
import { openSession, tokenStoreFile } from '../app/session.ts';
import { knownDeployment } from './known.ts';
import { manifestOf } from './manifest.ts';
import type { InitOptions } from './options.ts';
import { describeHosts } from './progress.ts';
import type { StepInput, StepResult } from './step.ts';
import { envFileOf } from './stored-credentials.ts';

/**
 * Creates the app with a configuration token, and stores its credentials.
 *
 * @param replace whether the person has declined to use the credentials in the file
 */
export async function createByToken(
  { answers, flags, context, piped, again }: StepInput,
  replace: boolean,
): Promise<StepResult> {
  const { terminal } = context;
  const tokens = await findTokens(flags, context, piped, again !== undefined);
  const session = await openSession(flags, context, tokens);
  const consent = { replace, instead: 'another file with --write' };
  const file = await chooseCredentialsFile(envFileOf(answers), consent, context);
  const { app } = await createApp(await manifestOf(answers, flags), file.name, session, context, (created) =>
    keepCredentials(created, file, context),
  );
  terminal.note(`Created the app ${app.appId}. Its credentials are in ${file.name}.`);
  return {
    answers: {
      ...answers,
      appId: app.appId,
      appHosts: describeHosts(answers),
      stored: true,
      handedOver: false,
    },
    configToken: session.token,
  };
}

/** The configuration tokens that are set, else one from a prompt; a stored pair needs none. */
async function findTokens(
  flags: InitOptions,
  context: Context,
  piped: StepInput['piped'],
  again: boolean,
): Promise<GivenTokens> {
  const { terminal } = context;
  // Read again: the person may have fixed the file before they repeat this step.
  const settings = withSecrets(piped, await readSettings(context));
  const accessToken = settings.get(configTokenVariables.accessToken)?.value;
  const refreshToken = settings.get(configTokenVariables.refreshToken)?.value;
  const isThere = accessToken || refreshToken || (await keepsSinglePair(tokenStoreFile(flags, context)));
  // The token that is set may be what has failed.
  const question = 'Use the configuration token that is already set?';
  if (isThere && (!again || (await confirm(terminal, question, '--no-input', true)))) {
    return { accessToken, refreshToken };
  }
  const { slackUrl = '' } = knownDeployment({}, flags, context);
  terminal.note(`Generate a token at ${appList(slackUrl)}, "Your App Configuration Tokens".`);
  const token = await ask(terminal, {
    message: 'The access token (xoxe.xoxp-…) or the refresh token (xoxe-1-…)',
    instead: 'SLACK_CONFIG_TOKEN or SLACK_CONFIG_REFRESH_TOKEN in the environment, or with --secrets-stdin',
    secret: true,
    problem: (text) => {
      const isRefreshToken = tokenKind(text.trim()) === 'refresh token';
      const problem = configTokenProblem(text.trim(), isRefreshToken ? 'refreshToken' : 'accessToken');
      return problem && `The text ${problem}.`;
    },
  });
  return tokenKind(token.trim()) === 'refresh token'
    ? { accessToken: undefined, refreshToken: token }
    : { accessToken: token, refreshToken: undefined };
}

/** Whether a configuration token is set or stored, so that none has to be prompted for. */
export async function hasToken(
  flags: InitOptions,
  context: Context,
  piped: StepInput['piped'],
): Promise<boolean> {
  const settings = withSecrets(piped, await context.settings());
  const isSet = Object.values(configTokenVariables).some((name) => settings.get(name) !== undefined);
  return isSet || keepsSinglePair(tokenStoreFile(flags, context));
}
