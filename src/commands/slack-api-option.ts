import { Option } from '@commander-js/extra-typings';
import type { Settings } from '../environment/settings.ts';
import type { SlackApi } from '../slack/web-api.ts';
import type { Context } from '../terminal/context.ts';

export const slackApiUrlOption = () =>
  new Option(
    '--slack-api-url <url>',
    'a Slack elsewhere, such as https://slack-gov.com (also: SLACK_API_URL)',
  );

/**
 * Slack's Web API as the options and the environment want it. Waits for a rate limit are said; an interruption ends
 * every call.
 *
 * @throws UserError `slack-api-url-invalid`, `proxy-invalid`
 */
export async function connectToSlack(
  given: string | undefined,
  settings: Settings,
  { env, terminal, interruption }: Context,
): Promise<SlackApi> {
  const { createSlackApi, parseSlackUrl, slackUrl } = await import('../slack/web-api.ts');
  const setting = given === undefined ? settings.get('SLACK_API_URL') : undefined;
  const url =
    given === undefined ? setting && parseSlackUrl(setting.value, 'SLACK_API_URL') : parseSlackUrl(given);
  return createSlackApi({
    url: url ?? slackUrl,
    env,
    signal: interruption,
    onRateLimit: (method, seconds) =>
      terminal.note(`Slack takes no more calls of ${method} for now: trying again in ${seconds} s`),
  });
}
