import template from '../../../../templates/slack-app-manifest.json' with { type: 'json' };
import type { ScopeDifference } from '../../../server/oauth/installations.ts';
import type { InstallationSummary } from '../../../store/installations.ts';
import { visible } from '../../../text/visible.ts';

/** The bot scopes of the documented manifest. */
export const manifestScopes: readonly string[] = template.oauth_config.scopes.bot;

/** The cells that begin a line: the id, and the name of the workspace or organisation. */
export function nameCells({ id, teamName, enterpriseName }: InstallationSummary): string[] {
  return [visible(id).padEnd(12), visible(teamName ?? enterpriseName ?? '-').padEnd(20)];
}

/** The difference to the scopes of the manifest, as a cell of the table. */
export function describeScopes({ missing, extra }: ScopeDifference): string {
  if (missing.length === 0 && extra.length === 0) return 'scopes as in the manifest';
  const parts = [
    ...(missing.length > 0 ? [`scopes missing: ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`scopes not in the manifest: ${extra.join(', ')}`] : []),
  ];
  return visible(parts.join('; '));
}

/** An installation as `--format json` prints it. */
export function installationJson(
  { scopes: _, installedAt, ...installation }: InstallationSummary,
  { granted, missing, extra }: ScopeDifference,
) {
  return {
    ...installation,
    installedAt: new Date(installedAt).toISOString(),
    scopes: granted,
    missingScopes: missing,
    extraScopes: extra,
  };
}
