import { resolve } from 'node:path';
import {
  type Credentials,
  completeCredentials,
  credentialParts,
  type PartialCredentials,
  readCredentials,
} from '../../environment/credentials.ts';
import { storeCredentials } from '../../environment/env-file.ts';
import { readSettings, type Settings } from '../../environment/settings.ts';
import { toCreateAppLink } from '../../manifest/render.ts';
import { appList } from '../../slack/app-page.ts';
import { choose, requireYes } from '../../terminal/prompt.ts';
import { escapeHtml } from '../../text/escape-html.ts';
import { UserError } from '../../user-error.ts';
import { askForCredentials } from '../options/credential-prompts.ts';
import { checkedCredentials, requireCredentials } from '../options/credentials.ts';
import { connectToSlack } from '../options/slack-api-url.ts';
import { openInBrowser } from '../output/browser.ts';
import { manifestCommand } from '../output/command-lines.ts';
import { writeResult } from '../output/result-file.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import { acceptedCredentials } from './accepted-credentials.ts';
import { knownDeployment } from './known.ts';
import { manifestOf } from './manifest.ts';
import { mayOverwrite } from './overwrite.ts';
import { describeHosts } from './progress.ts';
import type { StepInput, StepResult } from './step.ts';
import { envFileOf } from './stored-credentials.ts';

/**
 * Leads to Slack's create-app page, and stores the credentials that the person copies from there.
 *
 * @param given the credentials of `--secrets-stdin` and the environment
 * @param kept the credentials in the file
 * @param replace whether the person has declined to use those
 */
export async function createByLink(
  input: StepInput,
  given: Settings,
  kept: PartialCredentials,
  replace: boolean,
): Promise<StepResult> {
  const { answers, context } = input;
  const { terminal, cwd } = context;
  // With all three given, the app exists; after a failure, only the credentials are wrong.
  if (!completeCredentials(readCredentials(given)) && input.again !== 'failed') await leadToCreateApp(input);
  const credentials = await obtain(input, given);
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
  return {
    answers: {
      ...answers,
      appId: undefined,
      appHosts: describeHosts(answers),
      stored: true,
      handedOver: false,
    },
  };
}

/** The credentials, which Slack accepts as far as it can tell. */
async function obtain({ answers, flags, context }: StepInput, given: Settings): Promise<Credentials> {
  const { terminal } = context;
  const found = readCredentials(given);
  if (completeCredentials(found) || !terminal.interactive) {
    return acceptedCredentials(await requireCredentials(given, context, false), flags, context);
  }
  const settings = await readSettings(context);
  const connect = () => connectToSlack(flags.slackApiUrl, settings, context);
  const page = appList(knownDeployment(answers, flags, context).slackUrl ?? '');
  const { values, trial } = await askForCredentials(found, { page, strict: true, terminal, connect });
  if (trial.kind === 'rejected') throw trial.error;
  if (trial.kind === 'unchecked') terminal.warn(`the credentials were not checked: ${trial.error.message}`);
  return checkedCredentials(values, terminal);
}

/** The file with the link, for a machine with a browser. */
const linkFile = 'create-slack-app.html';

/** Opens Slack's create-app page, or writes its link, which would fill a screen, to a file. */
async function leadToCreateApp(input: StepInput): Promise<void> {
  const { answers, flags, context } = input;
  const { terminal } = context;
  const link = toCreateAppLink(await manifestOf(answers, flags));
  const thenCreate = 'choose the workspace, and press Create.';
  if (!terminal.interactive) {
    terminal.note(`Open this link, ${thenCreate}`);
    terminal.result(link);
    return;
  }
  const way = await choose(
    terminal,
    "Where do you want to open Slack's create-app page?",
    [
      {
        name: 'In the browser of this machine, with the manifest filled in',
        short: 'here',
        value: 'browser' as const,
      },
      { name: `On another machine: write its link to ${linkFile}`, short: linkFile, value: 'file' as const },
      {
        name: 'Nowhere: the app exists, and I have its credentials',
        short: 'nowhere',
        value: 'none' as const,
      },
    ],
    { wanted: 'the page', instead: '--no-input' },
  );
  if (way === 'none') return;
  if (way === 'browser' && (await opens(link, input))) {
    terminal.note(`In the browser, ${thenCreate}`);
    return;
  }
  const page = `<!doctype html><meta charset="utf-8"><title>Create the Slack app</title><a href="${escapeHtml(link)}">Create the Slack app for ${escapeHtml(answers.domain ?? '')}</a>\n`;
  await writeResult(page, { file: linkFile, force: await mayOverwrite(linkFile, context) }, context);
  terminal.note(`Open ${linkFile} in a browser, ${thenCreate}`);
  terminal.note('Or paste what this prints at https://api.slack.com/apps?new_app=1:');
  terminal.note(`     ${manifestCommand(knownDeployment(answers, flags, context), flags.org ?? false)}`);
}

/** Whether the browser has opened a link. */
async function opens(link: string, { context: { terminal } }: StepInput): Promise<boolean> {
  try {
    await openInBrowser(link);
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(error.message);
    return false;
  }
}
