import type { JsonValue, Pointer } from '../json-value.ts';

export type ChangeKind = 'added' | 'removed' | 'changed';

interface Effect {
  readonly at: RegExp;
  /** What the difference means, by what would have to be done to the manifest at hand. */
  readonly says: string | Readonly<Partial<Record<ChangeKind, string>>>;
}

/** From the particular to the general; the first that fits is taken. */
const effects: readonly Effect[] = [
  {
    at: /^\/oauth_config\/scopes(?:\/|$)/,
    says: {
      added: 'Spacelift lacks this permission until the scope is added and the app is reinstalled.',
      removed: 'Spacelift does not need this scope; dropping it takes effect when the app is reinstalled.',
      changed: 'The permissions differ; a change takes effect when the app is reinstalled.',
    },
  },
  {
    at: /^\/oauth_config\/redirect_urls(?:\/|$)/,
    says: {
      added: 'Without this URL, Connect in Spacelift ends in bad_redirect_uri.',
      removed: 'Installations may come back to a place that is not Spacelift.',
      changed: 'With another redirect URL, Connect in Spacelift ends in bad_redirect_uri.',
    },
  },
  {
    at: /^\/features\/slash_commands\/[^/]+\/url$/,
    says: 'People who type the command reach another address: Slack shows dispatch_failed, or another system answers.',
  },
  {
    at: /^\/features\/slash_commands(?:\/[^/]+)?(?:\/command)?$/,
    says: {
      added: 'The command does not exist in Slack until it is added; a new command needs a reinstall.',
      removed: 'The command disappears from Slack; nobody can type it any more.',
      changed: 'The command has another name than the documented one.',
    },
  },
  {
    at: /^\/features\/slash_commands\/[^/]+\/should_escape$/,
    says: 'Users, channels and links reach Spacelift in another form than it expects.',
  },
  {
    at: /^\/features\/slash_commands\//,
    says: 'Only what Slack shows beside the command differs.',
  },
  {
    at: /^\/settings\/event_subscriptions\/request_url$/,
    says: 'Events are lost: Slack sends them elsewhere, and wants the new URL verified on the app page.',
  },
  {
    at: /^\/settings\/event_subscriptions\/(?:bot|user)_events(?:\/|$)/,
    says: {
      added:
        'Slack does not send this event; without app_uninstalled Spacelift never learns that it was removed.',
      removed: 'Slack sends an event that Spacelift does not know.',
    },
  },
  {
    at: /^\/settings\/event_subscriptions$/,
    says: {
      added: 'Slack sends no events; Spacelift never learns that the app was uninstalled.',
      removed: 'Slack stops sending events.',
    },
  },
  {
    at: /^\/settings\/interactivity(?:\/|$)/,
    says: 'Buttons in notifications (confirm, discard) do nothing, or their clicks go elsewhere.',
  },
  {
    at: /^\/settings\/token_rotation_enabled$/,
    says: 'Rotating tokens expire after twelve hours, which Spacelift does not expect; once on, it cannot be turned off.',
  },
  {
    at: /^\/settings\/org_deploy_enabled$/,
    says: 'It decides whether a whole organization can install the app.',
  },
  {
    at: /^\/settings\/allowed_ip_address_ranges(?:\/|$)/,
    says: 'Slack refuses calls from other addresses (invalid_auth): the egress of Spacelift must be among them.',
  },
  {
    at: /^\/features\/bot_user(?:$|\/display_name$)/,
    says: {
      added: 'Without a bot user Spacelift cannot post.',
      removed: 'The bot, and with it the author of the messages, goes away.',
    },
  },
  {
    at: /^\/display_information\/background_color$/,
    says: { removed: 'Nothing: once set, the colour stays.' },
  },
  {
    at: /^\/(?:display_information|features\/(?:bot_user|app_home))(?:\/|$)/,
    says: 'Only how the app looks in Slack differs.',
  },
];

/** What a difference does to the integration of Spacelift and Slack, as one sentence. */
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
      : 'This app uses Socket Mode; pass --socket-mode if that is meant. If not, Slack sends nothing to the request URLs until it is off.';
  }
  for (const { at, says } of effects) {
    if (!at.test(pointer)) continue;
    const sentence = typeof says === 'string' ? says : says[kind];
    if (sentence !== undefined) return sentence;
  }
  return 'Spacelift documents the app otherwise; no effect on the integration is known.';
}
