/** Where Slack sends the browser after a consent, as in Spacelift's manifest. */
export const redirectPath = '/slack_oauth';
/** Where an installation starts. */
export const installPath = '/slack_oauth/install';
