import { type JsonValue, valueAt } from '../../json-value.ts';
import { type Change, diffManifests } from '../../manifest/diff.ts';
import { renderManifest } from '../../manifest/render.ts';
import { appManifestApi } from '../../slack/api/app-manifest-api.ts';
import { slackError } from '../../slack/api/slack-error.ts';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../check.ts';
import { webhookPath } from '../probe/slack-probe.ts';
import { quote, unquoted } from '../quote.ts';

export const appDrift: Check = {
  id: 'slack.app-drift',
  needs: ['domain.valid', 'slack.reachable'],
  network: true,
  async run({ slack, target, socketMode, app: { id, configToken }, redactor }) {
    if (id === undefined || configToken === undefined) {
      return skip(
        `there is no ${configToken === undefined ? 'SLACK_CONFIG_TOKEN' : '--app-id'} to read the app with`,
        'Pass --app-id, and set SLACK_CONFIG_TOKEN to an app configuration token (it is valid for twelve hours).',
      );
    }
    const live = await appManifestApi(slack, configToken).export(id);
    if (!live.ok) {
      const { message, hint } = slackError(live.failure, 'read the app', slack.url);
      return fail(unquoted(redactor.redact(message)), hint);
    }
    // A second installation in a workspace has its own name and command, which are as good as any.
    const { manifest } = await renderManifest({
      ...target,
      socketMode,
      name: textAt(live.value, '/display_information/name'),
      // An app of an Enterprise organisation needs it, and no other is harmed by it.
      orgDeploy: valueAt(live.value, '/settings/org_deploy_enabled') === true,
      command: commandOf(live.value, `https://${target.webhookDomain}${webhookPath}`),
    });
    return judge(diffManifests(live.value, manifest));
  },
};

function textAt(manifest: JsonValue, pointer: string): string | undefined {
  const value = valueAt(manifest, pointer);
  return typeof value === 'string' ? value : undefined;
}

/** Spacelift's command: the documented one, or else the first that goes to this endpoint, or else the first. */
function commandOf(manifest: JsonValue, url: string): string | undefined {
  const list = valueAt(manifest, '/features/slash_commands');
  const commands = Array.isArray(list) ? list.map((_, index) => `/features/slash_commands/${index}`) : [];
  const found =
    commands.find((command) => textAt(manifest, `${command}/command`) === '/spacelift') ??
    commands.find((command) => textAt(manifest, `${command}/url`) === url);
  return textAt(manifest, `${found ?? commands[0]}/command`);
}

/** Without these something stops working; the rest is a matter of taste. */
const vital = [
  /^\/oauth_config\/(scopes|redirect_urls)(\/|$)/,
  /^\/features\/(bot_user|slash_commands(\/[^/]+(\/url)?)?)$/,
  /^\/settings\/(event_subscriptions|interactivity)(\/|$)/,
  /^\/settings\/(socket_mode|token_rotation)_enabled$/,
  /^\/(oauth_config|features|settings)$/,
];

function judge(changes: readonly Change[]): CheckResult {
  if (changes.length === 0) return pass('the app has the manifest that this domain needs');
  const missing = changes.filter(
    ({ kind, pointer }) => kind !== 'removed' && vital.some((part) => part.test(pointer)),
  );
  const reported = missing.length > 0 ? missing : changes;
  const list = reported.map(({ pointer, effect }) => `${quote(pointer)}: ${unquoted(effect)}`);
  const shown = list.slice(0, 3).join('; ') + (list.length > 3 ? `; and ${list.length - 3} more` : '');
  const end = missing.length > 0 ? fail : warn;
  return end(
    `the app differs from what this domain needs in ${list.length} ${list.length === 1 ? 'place' : 'places'}: ${shown}`,
    'Show all differences with "spacelift-slack app diff", and fix them with "spacelift-slack app update".',
  );
}
