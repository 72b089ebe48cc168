import type { Context } from '../../cli/context.ts';
import type { Credentials } from '../../environment/credentials.ts';
import { readSettings } from '../../environment/settings.ts';
import { tryCredentials } from '../../slack/api/credentials-trial.ts';
import { unswap } from '../options/credential-prompts.ts';
import { connectToSlack } from '../options/slack-api-url.ts';
import type { InitOptions } from './options.ts';

/**
 * The credentials, which Slack has tried; only doctor can check the signing secret. Swapped secrets are swapped back
 * after confirmation.
 *
 * @throws UserError of Slack's if it does not accept them
 */
export async function acceptedCredentials(
  credentials: Credentials,
  flags: InitOptions,
  context: Context,
): Promise<Credentials> {
  const { terminal } = context;
  const api = await connectToSlack(flags.slackApiUrl, await readSettings(context), context);
  const first = { values: credentials, trial: await tryCredentials(api, credentials) };
  const { values, trial } = await unswap(first, terminal, api);
  if (trial.kind === 'rejected') throw trial.error;
  if (trial.kind === 'accepted') terminal.note('Slack accepts the client id and the client secret.');
  else terminal.warn(`the credentials were not checked: ${trial.error.message}`);
  return values;
}
