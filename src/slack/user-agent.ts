/** The `User-Agent` of Slack's own requests; firewalls that block "bot" block them by it. */
export const slackUserAgent = 'Slackbot 1.0 (+https://api.slack.com/robots)';
