/** One entry of `errors` as Slack's manifest methods give it; `pointer` is not always a real JSON pointer. */
export interface ManifestError {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const topLevelKeys = new Set([
  '_metadata',
  'app_directory',
  'compliance',
  'datastores',
  'display_information',
  'external_auth_providers',
  'features',
  'functions',
  'mcp_servers',
  'metadata_events',
  'oauth_config',
  'outgoing_domains',
  'settings',
  'types',
  'workflows',
]);

/** The value at a key path, or undefined. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return undefined;
    current = (current as { readonly [key: string]: Json })[key];
  }
  return current;
}

/**
 * Some of the rules that Slack's servers apply, with the codes and pointers that were seen in responses. This is
 * deliberately not our own validator: the tests would otherwise compare it with itself.
 */
export function manifestErrors(manifest: Json): ManifestError[] {
  const errors: ManifestError[] = [];
  const add = (code: string, pointer: string, message: string) => errors.push({ code, message, pointer });

  const name = at(manifest, 'display_information', 'name');
  if (at(manifest, 'display_information') === undefined) {
    add('missing_field', 'not_implemented', 'Missing required field: display_information');
  } else if (typeof name !== 'string' || name.length === 0 || name.length > 35) {
    add('failed_constraint', '/display_information/name', 'Must be between 1 and 35 characters');
  }
  const description = at(manifest, 'display_information', 'description');
  if (typeof description === 'string' && description.length >= 140) {
    add('desc_too_long', '/display_information/short_desc', 'The description is too long');
  }
  for (const key of Object.keys(manifest ?? {})) {
    if (!topLevelKeys.has(key)) add('illegal_key', `/${key}`, `Additional property ${key} is not allowed`);
  }

  const commands = at(manifest, 'features', 'slash_commands');
  const scopes = at(manifest, 'oauth_config', 'scopes', 'bot');
  const botScopes = Array.isArray(scopes) ? scopes : [];
  if (Array.isArray(commands) && commands.length === 0) {
    add('failed_constraint', '/features/slash_commands', 'Must have at least 1 item');
  }
  if (Array.isArray(commands) && commands.length > 0 && !botScopes.includes('commands')) {
    add('requires_commands_bot_scope', '/features/slash_commands', 'Requires the commands bot scope');
  }
  if (at(manifest, 'features', 'bot_user') !== undefined && botScopes.length === 0) {
    add('requires_a_bot_scope', '/features/bot_user', 'Requires a bot scope');
  }
  if (botScopes.includes('search:read')) {
    add('illegal_bot_scopes', '/oauth_config/scopes/bot', 'Illegal bot scopes found: search:read');
  }
  const events = at(manifest, 'settings', 'event_subscriptions');
  const socketMode = at(manifest, 'settings', 'socket_mode_enabled') === true;
  if (events !== undefined && at(events, 'request_url') === undefined && !socketMode) {
    add(
      'missing_field',
      '/settings/event_subscriptions',
      'Event Subscription requires either Request URL or Socket Mode Enabled',
    );
  }
  return errors;
}
