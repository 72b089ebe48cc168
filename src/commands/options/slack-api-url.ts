import { Option } from '@commander-js/extra-typings';
import type { Context } from '../../cli/context.ts';
import type { Settings } from '../../environment/settings.ts';
import { parseSlackUrl, slackUrl } from '../../slack/api/slack-url.ts';
import type { SlackApi } from '../../slack/api/web-api.ts';

export const slackApiUrlOption = () =>
  new Option(
    '--slack-api-url <url>',
    'a Slack elsewhere, such as https://slack-gov.com (also: SLACK_API_URL)',
  );

/**
 * Where Slack is, by the option or the environment.
 *
 * @throws UserError `slack-api-url-invalid`
 */
export function readSlackUrl(given: string | undefined, settings: Settings): string {
  if (given !== undefined) return parseSlackUrl(given);
  const setting = settings.get('SLACK_API_URL');
  return setting ? parseSlackUrl(setting.value, 'SLACK_API_URL') : slackUrl;
}

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
  const { createSlackApi } = await import('../../slack/api/web-api.ts');
  return createSlackApi({
    url: readSlackUrl(given, settings),
    env,
    signal: interruption,
    onRateLimit: (method, seconds) =>
      terminal.note(`Slack takes no more calls of ${method} for now: trying again in ${seconds} s`),
  });
}
