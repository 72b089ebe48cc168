import { UserError } from '../../user-error.ts';

export const slackUrl = 'https://slack.com';

/** Whether an origin belongs to Slack: slack.com, or slack-gov.com for GovSlack. */
export function isSlacksOwn(origin: string): boolean {
  return origin === slackUrl || origin === 'https://slack-gov.com';
}

/**
 * Reads the address of a Slack: an origin, https, or http on this machine itself.
 *
 * @throws UserError `slack-api-url-invalid`: a token must not cross a network in the clear
 */
export function parseSlackUrl(text: string, origin = '--slack-api-url'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (
    !url ||
    !(url.protocol === 'https:' || local) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new UserError('slack-api-url-invalid', `${origin} is not the https address of a Slack`, {
      hint: 'Give https://slack.com, or https://slack-gov.com for GovSlack.',
      exitCode: 2,
    });
  }
  // The full form https://slack.com/api/ is what Slack's SDKs call the API's address.
  return `${url.origin}${url.pathname.replace(/\/(api\/?)?$/, '')}`;
}
