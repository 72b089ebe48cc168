import type { Rule } from './rule.ts';
import { isSpecialAddress } from './special-address.ts';

const ipRanges = '/settings/allowed_ip_address_ranges';

/** What Slack requires of an app's other features and settings. */
export const featureRules = [
  {
    id: 'description-length',
    severity: 'warning',
    title: 'The description has fewer than 140 characters.',
    why: 'Slack documents 140 characters, and has rejected exactly 140 (desc_too_long).',
    fix: 'Shorten it by one character.',
    source: 'reported',
    *check(manifest) {
      const description = manifest.text('/display_information/description');
      if (!description || [...description.text].length !== 140) return;
      const message = 'the description has exactly 140 characters, which Slack has rejected';
      yield { pointer: description.pointer, message };
    },
  },
  {
    id: 'bot-name',
    severity: 'warning',
    title: "The bot's display name is ASCII.",
    why: 'Slack derives a user name from it, and has rejected other characters (bad_username).',
    fix: 'Use letters, digits, spaces, hyphens and dots.',
    source: 'reported once',
    *check(manifest) {
      const name = manifest.text('/features/bot_user/display_name');
      if (!name || /^[\u0020-\u007e]*$/.test(name.text)) return;
      const message = "the bot's name has characters outside ASCII, which Slack has rejected (bad_username)";
      yield { pointer: name.pointer, message };
    },
  },
  {
    id: 'interactivity-needs-delivery',
    severity: 'error',
    title: 'Interactivity needs a request URL or Socket Mode.',
    why: 'Slack rejects the manifest: it would not know where to send clicks.',
    fix: 'Add request_url here, or set settings.socket_mode_enabled to true.',
    source: 'docs',
    *check(manifest) {
      const pointer = '/settings/interactivity';
      if (!manifest.isTrue(`${pointer}/is_enabled`)) return;
      if (!manifest.needsUrls || !manifest.lacks(`${pointer}/request_url`)) return;
      yield { pointer, message: 'interactivity is on, but there is no request_url' };
    },
  },
  {
    id: 'shortcuts-need-interactivity',
    severity: 'warning',
    title: 'Shortcuts need interactivity.',
    why: 'Slack has nowhere to send a shortcut that someone uses.',
    fix: 'Set settings.interactivity.is_enabled to true, with a request_url.',
    source: 'not documented',
    *check(manifest) {
      const pointer = '/features/shortcuts';
      if (manifest.items(pointer).length === 0) return;
      if (!manifest.isOff('/settings/interactivity/is_enabled')) return;
      yield { pointer, message: 'shortcuts are declared, but interactivity is off' };
    },
  },
  {
    id: 'shortcuts-need-scope',
    severity: 'warning',
    title: 'Shortcuts need the scope commands.',
    why: 'Slack does not show the shortcuts.',
    fix: 'Add "commands" to oauth_config.scopes.bot.',
    source: 'not documented',
    *check(manifest) {
      const pointer = '/features/shortcuts';
      if (manifest.items(pointer).length === 0) return;
      if (!manifest.lacksScope('bot', 'commands') || !manifest.lacksScope('user', 'commands')) return;
      yield { pointer, message: 'shortcuts are declared, but the scope commands is missing' };
    },
  },
  {
    id: 'functions-need-settings',
    severity: 'warning',
    title: 'Custom functions need org deployment, a runtime and, when remote, the event function_executed.',
    why: 'Slack rejects the functions, or never runs them.',
    fix: 'Add what is missing.',
    source: 'docs; reported',
    *check(manifest) {
      const functions = manifest.object('/functions');
      if (!functions || Object.keys(functions).length === 0) return;
      const missing = [
        ...(manifest.isOff('/settings/org_deploy_enabled') ? ['settings.org_deploy_enabled: true'] : []),
        ...(manifest.lacks('/settings/function_runtime') ? ['settings.function_runtime'] : []),
      ];
      const isRemote = manifest.text('/settings/function_runtime')?.text === 'remote';
      if (isRemote && manifest.lacksItem('/settings/event_subscriptions/bot_events', 'function_executed')) {
        missing.push('the bot event function_executed');
      }
      if (missing.length === 0) return;
      const message = `custom functions are declared without ${missing.join(' and ')}`;
      yield { pointer: '/functions', message };
    },
  },
  {
    id: 'ip-range',
    severity: 'error',
    title: 'An allowed IP range is a public IPv4 address or CIDR range.',
    why: 'Slack rejects other addresses; from a private one no call reaches Slack.',
    fix: 'Use the public IPv4 address that your calls leave from.',
    source: 'schema, docs',
    *check(manifest) {
      for (const { text, pointer } of manifest.texts(ipRanges)) {
        const [network = ''] = text.split('/', 1);
        // The schema has rejected IPv6 already.
        if (network.includes(':') || !isSpecialAddress(network)) continue;
        yield { pointer, message: `${text} is not a public address, so no call reaches Slack from there` };
      }
    },
  },
  {
    id: 'ip-range-count',
    severity: 'warning',
    title: 'There are at most ten allowed IP ranges.',
    why: "Slack's documentation allows ten, its schema fifty.",
    fix: 'Merge adjacent ranges.',
    source: 'docs say 10, the schema 50',
    *check(manifest) {
      const { length } = manifest.texts(ipRanges);
      if (length <= 10 || length > 50) return;
      const message = `there are ${length} ranges; Slack's documentation allows 10, its schema 50`;
      yield { pointer: ipRanges, message };
    },
  },
] as const satisfies readonly Rule[];
