import { Option } from '@commander-js/extra-typings';
import type { Context } from '../../cli/context.ts';
import type { Settings } from '../../environment/settings.ts';
import { isSlacksOwn, parseSlackUrl, slackUrl } from '../../slack/api/slack-url.ts';
import type { SlackApi } from '../../slack/api/web-api.ts';

export const slackApiUrlOption = () =>
  new Option(
    '--slack-api-url <url>',
    "the origin of Slack's API, such as https://slack-gov.com [env: SLACK_API_URL]",
  );

/**
 * Slack's origin, from the option or the process environment. An env file cannot set it: the folder may come from
 * someone else, and credentials are sent there. Any origin other than Slack's own is named in a warning.
 *
 * @throws UserError `slack-api-url-invalid`
 */
export function readSlackUrl(
  given: string | undefined,
  { ignored }: Settings,
  { env }: Pick<Context, 'env'>,
  warn: (line: string) => void,
): string {
  const variable = env['SLACK_API_URL'];
  const origin = given === undefined ? 'SLACK_API_URL' : '--slack-api-url';
  const text = given ?? variable;
  if (!text && ignored?.names.includes('SLACK_API_URL')) {
    warn(
      `SLACK_API_URL in ${ignored.file} is ignored: set it in the process environment, or pass --slack-api-url`,
    );
  }
  const url = text ? parseSlackUrl(text, origin) : slackUrl;
  if (!isSlacksOwn(url)) warn(`Slack's credentials are sent to ${url} (${origin}), not to slack.com`);
  return url;
}

/**
 * Slack's Web API as the options and the environment configure it. Waits for a rate limit are reported; an
 * interruption ends every call.
 *
 * @param timeoutMs how long a call waits for a response, if not as long as usual
 * @throws UserError `slack-api-url-invalid`, `proxy-invalid`
 */
export async function connectToSlack(
  given: string | undefined,
  settings: Settings,
  context: Context,
  timeoutMs?: number,
): Promise<SlackApi> {
  const { env, terminal, interruption } = context;
  const url = readSlackUrl(given, settings, context, (line) => terminal.warn(line));
  const { createSlackApi } = await import('../../slack/api/web-api.ts');
  return createSlackApi({
    url,
    env,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    signal: interruption,
    onRateLimit: (method, seconds) =>
      terminal.note(`Slack limits the rate of ${method}: retrying in ${seconds} s`),
  });
}
