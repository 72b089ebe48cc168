import { isObject } from '../../json-value.ts';
import type { Rule } from './rule.ts';

/** Events go to a request URL or through Socket Mode (Slack: App manifest reference, sample error). */
export const eventsNeedDelivery: Rule = function* (manifest) {
  const pointer = '/settings/event_subscriptions';
  const count =
    manifest.items(`${pointer}/bot_events`).length + manifest.items(`${pointer}/user_events`).length;
  if (count === 0) return;
  if (manifest.needsUrls && manifest.lacks(`${pointer}/request_url`)) {
    yield {
      rule: 'events-need-delivery',
      severity: 'error',
      pointer,
      message: 'events are listed, but Slack is not told where to send them',
      hint: 'Add request_url here, or set settings.socket_mode_enabled to true.',
    };
  }
  if (manifest.lacks('/oauth_config')) {
    yield {
      rule: 'events-need-oauth-config',
      severity: 'warning',
      pointer,
      message: 'events are listed, but there is no oauth_config',
      hint: 'Add oauth_config with the scopes that the events need: Slack has refused such a manifest.',
    };
  }
};

/** Interactivity goes to a request URL or through Socket Mode (Slack: App manifest reference, sample error). */
export const interactivityNeedsDelivery: Rule = function* (manifest) {
  const pointer = '/settings/interactivity';
  if (!manifest.isTrue(`${pointer}/is_enabled`)) return;
  if (!manifest.needsUrls || !manifest.lacks(`${pointer}/request_url`)) return;
  yield {
    rule: 'interactivity-needs-delivery',
    severity: 'error',
    pointer,
    message: 'interactivity is on, but Slack is not told where to send clicks',
    hint: 'Add request_url here, or set settings.socket_mode_enabled to true.',
  };
};

/** A slash command without a URL has nowhere to go, but for Socket Mode and apps that Slack hosts. */
export const commandsNeedUrl: Rule = function* (manifest) {
  if (!manifest.needsUrls) return;
  for (const { value, pointer } of manifest.items('/features/slash_commands')) {
    if (!isObject(value) || manifest.has(`${pointer}/url`)) continue;
    yield {
      rule: 'command-needs-url',
      severity: 'warning',
      pointer,
      message: 'the command has no url, so nothing is called when somebody types it',
      hint: 'Add url, or set settings.socket_mode_enabled to true.',
    };
  }
};

/** What an app with its own functions has to declare (Slack: Custom functions). */
export const functionsNeedSettings: Rule = function* (manifest) {
  const functions = manifest.object('/functions');
  if (!functions || Object.keys(functions).length === 0) return;
  const missing = [
    ...(manifest.isOff('/settings/org_deploy_enabled') ? ['settings.org_deploy_enabled: true'] : []),
    ...(manifest.lacks('/settings/function_runtime') ? ['settings.function_runtime'] : []),
  ];
  const runtime = manifest.text('/settings/function_runtime')?.text;
  const deaf = manifest.lacksItem('/settings/event_subscriptions/bot_events', 'function_executed');
  if (runtime === 'remote' && deaf) missing.push('the bot event function_executed');
  if (missing.length === 0) return;
  yield {
    rule: 'functions-need-settings',
    severity: 'warning',
    pointer: '/functions',
    message: `custom functions are declared, but not ${missing.join(' and ')}`,
    hint: 'Add what is missing: without it Slack refuses the functions or never runs them.',
  };
};
