import type { Context } from '../../cli/context.ts';
import { isObject, type JsonValue, valueAt } from '../../json-value.ts';
import type { CreatedApp, ManifestProblem } from '../../slack/api/app-manifest-api.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { visible } from '../../text/visible.ts';
import type { AppSession } from './session.ts';

/**
 * Announces the app, has Slack validate the manifest, creates the app, and stores its credentials at once: Slack returns
 * them only in this response, and an interruption waits for it. The caller reports what was done before the command ends
 * with the interruption.
 *
 * @param file the name of the file for them
 */
export async function createApp<Kept>(
  manifest: JsonValue,
  file: string | undefined,
  session: AppSession,
  { terminal }: Context,
  keep: (app: CreatedApp) => Promise<Kept>,
): Promise<{ readonly app: CreatedApp; readonly kept: Kept }> {
  announce(manifest, file, terminal);
  const document = isObject(manifest) ? manifest : {};
  const warnings = session.done(await session.apps.validate(document), 'have Slack validate the manifest');
  warn(warnings, terminal);

  const create = (signal: AbortSignal) => session.apps.create(document, signal);
  const app = await session.change(create, 'create the app', thenLook);
  const kept = await keep(app);
  warn(app.problems, terminal);
  warnOfOrganisation(app, document, terminal);
  return { app, kept };
}

const thenLook =
  'Look for it at https://api.slack.com/apps, and delete it there before you retry: its credentials were not received.';

function warn(problems: readonly ManifestProblem[], terminal: Terminal): void {
  for (const { message, place } of problems) {
    terminal.warn(`Slack: ${visible(message)}${place === undefined ? '' : ` (${visible(place)})`}`);
  }
}

/** Slack installs such an app, but sends it no events; Slack CLI 4.12 rejects it for that reason. */
function warnOfOrganisation({ appId, teamId }: CreatedApp, manifest: JsonValue, terminal: Terminal): void {
  if (!teamId?.startsWith('E') || valueAt(manifest, '/settings/org_deploy_enabled') === true) return;
  terminal.warn(
    `the app belongs to the Enterprise organisation ${visible(teamId)}, and org_deploy_enabled is false: Slack would ` +
      `install it, but send it no events. Set it with: spacelift-slack app update --org --app-id ${visible(appId)}`,
  );
}

/** Prints what is about to be created, on stderr. */
function announce(manifest: JsonValue, file: string | undefined, terminal: Terminal): void {
  const list = (pointer: string) => {
    const value = valueAt(manifest, pointer);
    return Array.isArray(value)
      ? value.map((item) => (isObject(item) ? item['command'] : item)).join(', ')
      : '';
  };
  const rows: readonly (readonly [string, unknown])[] = [
    ['name', valueAt(manifest, '/display_information/name')],
    ['command', list('/features/slash_commands')],
    ['request URL', valueAt(manifest, '/settings/event_subscriptions/request_url') ?? 'none: Socket Mode'],
    ['redirect URL', list('/oauth_config/redirect_urls')],
    ['scopes', list('/oauth_config/scopes/bot')],
    ['credentials', file ?? 'printed, not stored'],
  ];
  terminal.note('Creating the Slack app:');
  for (const [label, value] of rows) terminal.note(`  ${label.padEnd(13)} ${visible(String(value ?? ''))}`);
}
