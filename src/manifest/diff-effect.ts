import type { JsonValue, Pointer } from '../json-value.ts';

export type ChangeKind = 'added' | 'removed' | 'changed';

interface Effect {
  readonly at: RegExp;
  /** What the difference does, by the change that removes it. */
  readonly text: string | Readonly<Partial<Record<ChangeKind, string>>>;
}

/** From the specific to the general: the first that matches applies. */
const effects: readonly Effect[] = [
  {
    at: /^\/oauth_config\/scopes(?:\/|$)/,
    text: {
      added: 'Spacelift lacks this permission until the scope is added and the app is reinstalled.',
      removed: 'Spacelift does not need this scope; removing it takes effect when the app is reinstalled.',
      changed: 'The scopes differ; a change takes effect when the app is reinstalled.',
    },
  },
  {
    at: /^\/oauth_config\/redirect_urls(?:\/|$)/,
    text: {
      added: 'Without this URL, Connect in Spacelift fails with bad_redirect_uri.',
      removed: 'Slack may send installations to a URL that is not Spacelift.',
      changed: 'With another redirect URL, Connect in Spacelift fails with bad_redirect_uri.',
    },
  },
  {
    at: /^\/features\/slash_commands\/[^/]+\/url$/,
    text: 'Slack sends the command to another address: it shows dispatch_failed, or another system responds.',
  },
  {
    at: /^\/features\/slash_commands(?:\/[^/]+)?(?:\/command)?$/,
    text: {
      added: 'The command does not exist in Slack until it is added and the app is reinstalled.',
      removed: 'The command is removed from Slack and stops working.',
      changed: 'The command does not have the documented name.',
    },
  },
  {
    at: /^\/features\/slash_commands\/[^/]+\/should_escape$/,
    text: 'Users, channels and links reach Spacelift in a format that it does not expect.',
  },
  {
    at: /^\/features\/slash_commands\//,
    text: 'Only what Slack shows beside the command differs.',
  },
  {
    at: /^\/settings\/event_subscriptions\/request_url$/,
    text: 'Events are lost: Slack sends them elsewhere. A new URL must be verified on the app page.',
  },
  {
    at: /^\/settings\/event_subscriptions\/(?:bot|user)_events(?:\/|$)/,
    text: {
      added:
        'Slack does not send this event; without app_uninstalled Spacelift never learns that it was removed.',
      removed: 'Slack sends an event that Spacelift does not use.',
    },
  },
  {
    at: /^\/settings\/event_subscriptions$/,
    text: {
      added: 'Slack sends no events, so Spacelift never learns that the app was uninstalled.',
      removed: 'Slack stops sending events.',
    },
  },
  {
    at: /^\/settings\/interactivity(?:\/|$)/,
    text: 'Buttons in notifications (confirm, discard) do nothing, or their clicks go elsewhere.',
  },
  {
    at: /^\/settings\/token_rotation_enabled$/,
    text: 'With token rotation on, tokens expire after twelve hours, which Spacelift does not support; it cannot be turned off again.',
  },
  {
    at: /^\/settings\/org_deploy_enabled$/,
    text: 'It decides whether a whole organisation can install the app, and whether such an installation gets events.',
  },
  {
    at: /^\/settings\/allowed_ip_address_ranges(?:\/|$)/,
    text: 'Slack rejects calls from other addresses (invalid_auth): the egress addresses of Spacelift must be among them.',
  },
  {
    at: /^\/features\/bot_user(?:$|\/display_name$)/,
    text: {
      added: 'Without a bot user Spacelift cannot post.',
      removed: 'The bot is removed, so Spacelift cannot post.',
    },
  },
  {
    at: /^\/display_information\/background_color$/,
    text: { removed: 'No effect: once set, the colour cannot be removed.' },
  },
  {
    at: /^\/(?:display_information|features\/(?:bot_user|app_home))(?:\/|$)/,
    text: 'Only how the app looks in Slack differs.',
  },
];

/** What a difference does to the integration of Spacelift and Slack, as a sentence or two. */
export function diffEffect({
  kind,
  pointer,
  to,
}: {
  readonly kind: ChangeKind;
  readonly pointer: Pointer;
  readonly to?: JsonValue;
}): string {
  if (pointer === '/settings/socket_mode_enabled') {
    return to === true
      ? 'Until Socket Mode is on, Slack sends nothing over the connections of serve --socket-mode.'
      : 'This app uses Socket Mode; pass --socket-mode if that is intended. If not, Slack sends nothing to the request URLs until it is off.';
  }
  for (const { at, text } of effects) {
    if (!at.test(pointer)) continue;
    const sentence = typeof text === 'string' ? text : text[kind];
    if (sentence !== undefined) return sentence;
  }
  return 'The documented manifest differs here; no effect on the integration is known.';
}
