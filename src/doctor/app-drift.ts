import { type Change, diffManifests } from '../manifest/diff.ts';
import { type JsonValue, valueAt } from '../manifest/json-value.ts';
import { renderManifest } from '../manifest/render.ts';
import { appManifestApi } from '../slack/app-manifest-api.ts';
import { slackError } from '../slack/slack-error.ts';
import { type Check, type Finding, fail, pass, skip, warn } from './check.ts';
import { quote, unquoted } from './quote.ts';

export const appDrift: Check = {
  id: 'slack.app-drift',
  group: 'slack',
  title: "the app's manifest is what this domain needs",
  needs: ['domain.valid', 'slack.reachable'],
  network: true,
  async run({ slack, target, app: { id, configToken }, redactor }) {
    if (id === undefined || configToken === undefined) {
      return skip(
        `there is no ${configToken === undefined ? 'SLACK_CONFIG_TOKEN' : '--app-id'} to look the app up with`,
        'Pass --app-id, and set SLACK_CONFIG_TOKEN to an app configuration token (it lives twelve hours).',
      );
    }
    const live = await appManifestApi(slack, configToken).export(id);
    if (!live.ok) {
      const { message, hint } = slackError(live.failure, 'read the app', slack.url);
      return fail(unquoted(redactor.redact(message)), hint);
    }
    // A second installation in a workspace has a name and a command of its own, which are as good as any.
    const { manifest } = await renderManifest({
      ...target,
      name: textAt(live.value, '/display_information/name'),
      command: textAt(live.value, '/features/slash_commands/0/command'),
    });
    return judge(diffManifests(live.value, manifest));
  },
};

function textAt(manifest: JsonValue, pointer: string): string | undefined {
  const value = valueAt(manifest, pointer);
  return typeof value === 'string' ? value : undefined;
}

/** What stops working when it is missing or differs; the rest is a matter of taste. */
const vital = /^\/(oauth_config|settings)\/|^\/features(\/slash_commands(\/|$)|\/bot_user$|$)/;
const looks = /\/(description|usage_hint|should_escape)$/;

function judge(changes: readonly Change[]): Finding {
  if (changes.length === 0) return pass('the app has the manifest that this domain needs');
  const missing = changes.filter(
    ({ kind, pointer }) => kind !== 'removed' && vital.test(pointer) && !looks.test(pointer),
  );
  const told = missing.length > 0 ? missing : changes;
  const list = told.map(({ pointer, effect }) => `${quote(pointer)}: ${unquoted(effect)}`);
  const shown = list.slice(0, 3).join('; ') + (list.length > 3 ? `; and ${list.length - 3} more` : '');
  const say = missing.length > 0 ? fail : warn;
  return say(
    `the app differs from what this domain needs in ${list.length} ${list.length === 1 ? 'place' : 'places'}: ${shown}`,
    'Look at all of it with "spacelift-slack app diff", and mend it with "spacelift-slack app update".',
  );
}
