import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { parseDomain } from '../../domain.ts';
import {
  type Credentials,
  completeCredentials,
  credentialParts,
  type PartialCredentials,
  readCredentials,
  realCredentials,
} from '../../environment/credentials.ts';
import { storeCredentials } from '../../environment/env-file.ts';
import { withSecrets } from '../../environment/secrets-input.ts';
import { noSettings, readEnvFile, readSettings, type Settings } from '../../environment/settings.ts';
import type { JsonValue } from '../../json-value.ts';
import { renderManifest, toCreateAppLink } from '../../manifest/render.ts';
import { configTokenProblem, configTokenVariables, type GivenTokens } from '../../slack/api/config-token.ts';
import { slackError } from '../../slack/api/slack-error.ts';
import { keepsSinglePair } from '../../slack/api/token-store.ts';
import { exchangeUnknownCode } from '../../slack/api/unknown-code.ts';
import { tokenKind } from '../../slack/token-kind.ts';
import { ask, confirm, requireYes } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { chooseCredentialsFile, keepCredentials } from '../app/credentials.ts';
import { createApp } from '../app/new-app.ts';
import { openSession, tokenStoreFile } from '../app/session.ts';
import { checkedCredentials, requireCredentials } from '../options/credentials.ts';
import { connectToSlack } from '../options/slack-api-url.ts';
import { openInBrowser } from '../output/browser.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';
import type { StepInput, StepResult } from './step.ts';

/**
 * The step that puts checked credentials into the env file: those in it already, those of a new app, or those that a
 * person copies from Slack.
 */
export async function obtainCredentials(input: StepInput): Promise<StepResult> {
  const { answers, flags, context } = input;
  const { terminal } = context;
  const name = envFileOf(answers);
  const kept = await credentialsIn(name, context);
  const given = readCredentials(await givenSettings(input));
  const differs = credentialParts.some((part) => kept[part] && given[part] && kept[part] !== given[part]);
  if (differs && !terminal.interactive) throw otherCredentials(name);
  const complete = completeCredentials(kept);
  if (complete) {
    const credentials = checkedCredentials(complete, terminal);
    const others = differs ? ', which differ from the given ones' : '';
    const question = `${name} holds the credentials of an app (client id ${credentials.clientId})${others}. Use them?`;
    if (!terminal.interactive || (await confirm(terminal, question, '--no-input', !differs))) {
      await check(credentials, flags, context);
      return { answers: { ...answers, stored: true } };
    }
  }
  const replace = complete !== undefined;
  return answers.by === 'link' ? copyFromBrowser(input, kept, replace) : createWithToken(input, replace);
}

/** The settings of `--secrets-stdin` and the environment; none if the step is repeated. */
async function givenSettings({ context, piped, again }: StepInput): Promise<Settings> {
  return again ? noSettings : withSecrets(piped, await context.settings(false));
}

function otherCredentials(name: string): UserError {
  return new UserError('credentials-in-place', `${name} holds credentials that differ from the given ones`, {
    hint: `Remove the given ones to use those in ${name}, or name another file with --write.`,
    exitCode: 2,
  });
}

/**
 * The credentials that an earlier step has stored in the env file.
 *
 * @throws UserError `credentials-missing` if they are gone
 */
export async function storedCredentials(answers: Answers, context: Context): Promise<Credentials> {
  const name = envFileOf(answers);
  const credentials = completeCredentials(await credentialsIn(name, context));
  if (credentials) return credentials;
  throw new UserError('credentials-missing', `${name} no longer holds the three credentials`, {
    hint: 'Repeat the step "App and credentials".',
    exitCode: 2,
  });
}

/** Whether the env file still holds credentials. */
export async function keepsCredentials(answers: Answers, context: Context): Promise<boolean> {
  return completeCredentials(await credentialsIn(envFileOf(answers), context)) !== undefined;
}

/** @param replace whether the person has declined to use the credentials in the file */
async function createWithToken(
  { answers, flags, context, piped, again }: StepInput,
  replace: boolean,
): Promise<StepResult> {
  const { terminal } = context;
  const session = await openSession(flags, context, await findTokens(flags, context, piped, again));
  const consent = { replace, instead: 'another file with --write' };
  const file = await chooseCredentialsFile(envFileOf(answers), consent, context);
  const { app } = await createApp(await manifestOf(answers, flags), file.name, session, context, (created) =>
    keepCredentials(created, file, context),
  );
  terminal.note(`Created the app ${app.appId}. Its credentials are in ${file.name}.`);
  return {
    answers: { ...answers, appId: app.appId, stored: true, handedOver: false },
    configToken: session.token,
  };
}

/**
 * @param kept the credentials in the file
 * @param replace as for {@link createWithToken}
 */
async function copyFromBrowser(
  input: StepInput,
  kept: PartialCredentials,
  replace: boolean,
): Promise<StepResult> {
  const { answers, flags, context } = input;
  const { terminal, cwd } = context;
  const given = await givenSettings(input);
  // With all three given, the app exists.
  if (!completeCredentials(readCredentials(given))) await leadToCreateApp(input);
  const credentials = await requireCredentials(given, terminal, true);
  await check(credentials, flags, context);
  const name = envFileOf(answers);
  if (!replace && credentialParts.some((part) => kept[part] && kept[part] !== credentials[part])) {
    await requireYes(
      terminal,
      `${name} already holds other credentials. Replace them?`,
      `${name} is unchanged`,
      'another file with --write',
    );
  }
  const file = { name, path: resolve(cwd, name) };
  await reportSecretFile(file, await storeCredentials(file, credentials), true, context);
  return { answers: { ...answers, appId: undefined, stored: true, handedOver: false } };
}

const thenCopy = 'Then copy three values from "Basic Information" > "App Credentials".';

/** Opens Slack's create-app page, or prints its link, which fills a screen, if there is no browser. */
async function leadToCreateApp({ answers, flags, context: { terminal } }: StepInput): Promise<void> {
  const link = toCreateAppLink(await manifestOf(answers, flags));
  const question = "Open Slack's create-app page in the browser, with the manifest filled in?";
  if (terminal.interactive && (await confirm(terminal, question, '--no-input', true))) {
    const failure = await openInBrowser(link).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return error;
    });
    if (!failure) {
      terminal.note(`Choose the workspace there, and press Create. ${thenCopy}`);
      return;
    }
    terminal.warn(failure.message);
  }
  terminal.note('Open this link, choose the workspace, and press Create:');
  terminal.result(link);
  if (terminal.showsResult) {
    const { domain = '', webhookDomain = domain } = answers;
    const host = webhookDomain === domain ? '' : ` --webhook-domain ${webhookDomain}`;
    const relay = answers.socketMode ? ' --socket-mode' : host;
    terminal.note('Or paste this manifest at https://api.slack.com/apps?new_app=1:');
    terminal.note(`  spacelift-slack manifest --domain ${domain}${relay}`);
  }
  terminal.note(thenCopy);
}

/** Has Slack check that client id and client secret belong together; only doctor can check the signing secret. */
async function check(credentials: Credentials, flags: InitOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const api = await connectToSlack(flags.slackApiUrl, await readSettings(context), context);
  const result = await exchangeUnknownCode(api, credentials);
  if (result.ok) return;
  const word = result.failure.kind === 'refused' ? result.failure.error : undefined;
  if (word === 'invalid_code') {
    terminal.note('Slack accepts the client id and the client secret.');
    return;
  }
  const error = slackError(result.failure, 'use these credentials', api.url);
  if (word === 'bad_client_secret' || word === 'invalid_client_id') throw error;
  terminal.warn(`the credentials were not checked: ${error.message}`);
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
  terminal.note('Generate a token at https://api.slack.com/apps, "Your App Configuration Tokens".');
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

async function manifestOf(
  { domain = '', webhookDomain = domain, socketMode }: Answers,
  { org: orgDeploy }: InitOptions,
): Promise<JsonValue> {
  const [spacelift, webhook] = [parseDomain(domain), parseDomain(webhookDomain)];
  if (!spacelift.ok || !webhook.ok)
    throw new TypeError('the domains of the set-up are checked before they are kept');
  const hosts = { domain: spacelift.domain, webhookDomain: webhook.domain };
  return (await renderManifest({ ...hosts, orgDeploy, socketMode })).manifest;
}

function envFileOf({ envFile = '.env' }: Answers): string {
  return envFile;
}

async function credentialsIn(name: string, { cwd }: Context): Promise<PartialCredentials> {
  return realCredentials(await readEnvFile(cwd, name, false));
}
