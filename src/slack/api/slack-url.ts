import { parseUrl } from '../../parse-url.ts';
import { UserError } from '../../user-error.ts';

export const slackUrl = 'https://slack.com';

/** Whether an origin belongs to Slack: slack.com, or slack-gov.com for GovSlack. */
export function isSlacksOwn(origin: string): boolean {
  return origin === slackUrl || origin === 'https://slack-gov.com';
}

/**
 * Parses the URL of a Slack: https, or http on this machine.
 *
 * @throws UserError `slack-api-url-invalid`: tokens must not be sent in clear text
 */
export function parseSlackUrl(text: string, origin = '--slack-api-url'): string {
  const url = parseUrl(text);
  const local = url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (
    !url ||
    !(url.protocol === 'https:' || local) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new UserError('slack-api-url-invalid', `${origin} is not the https URL of a Slack`, {
      hint: 'Pass https://slack.com, or https://slack-gov.com for GovSlack.',
      exitCode: 2,
    });
  }
  // Slack's SDKs write the URL as https://slack.com/api/.
  return `${url.origin}${url.pathname.replace(/\/(api\/?)?$/, '')}`;
}
