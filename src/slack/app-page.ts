/**
 * The app's page in Slack's settings; GovSlack has its own.
 *
 * @param url Slack's origin
 * @param page the path below the app, such as `/event-subscriptions`
 */
export function appPage(url: string, appId: string, page = ''): string {
  return `${appList(url)}/${appId}${page}`;
}

/**
 * The list of a person's apps in Slack's settings.
 *
 * @param url Slack's origin
 */
export function appList(url: string): string {
  return `https://${url === 'https://slack-gov.com' ? 'api.slack-gov.com' : 'api.slack.com'}/apps`;
}
