/** Slack's own commands: Slack rejects an app's command of the same name, or runs its own instead. */
export const builtInCommands: readonly string[] = [
  '/archive',
  '/away',
  '/call',
  '/collapse',
  '/dm',
  '/dnd',
  '/expand',
  '/feed',
  '/invite',
  '/join',
  '/kick',
  '/leave',
  '/me',
  '/msg',
  '/mute',
  '/open',
  '/pro',
  '/remind',
  '/remove',
  '/rename',
  '/search',
  '/shortcuts',
  '/shrug',
  '/star',
  '/status',
  '/topic',
  '/who',
];

/** Names that Slack's service is reported to reject by several people (`invalid_name`). */
export const rejectedCommands: readonly string[] = ['/me', '/status'];
