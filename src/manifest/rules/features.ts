import type { Rule } from './rule.ts';
import { reservedCommands } from './slack-words.ts';
import { isSpecialAddress } from './special-address.ts';

const reserved = new Set(reservedCommands);

/** Slack documents 140 characters; its service has been seen to refuse exactly that many (desc_too_long). */
export const descriptionLength: Rule = function* (manifest) {
  const description = manifest.text('/display_information/description');
  if (!description || [...description.text].length !== 140) return;
  yield {
    rule: 'description-length',
    severity: 'warning',
    pointer: description.pointer,
    message: 'the description has exactly 140 characters, which Slack has refused',
    hint: 'Shorten it by one character.',
  };
};

export const commandNames: Rule = function* (manifest) {
  const seen = new Set<string>();
  for (const { pointer: item } of manifest.items('/features/slash_commands')) {
    const command = manifest.text(`${item}/command`);
    if (!command) continue;
    const { text, pointer } = command;
    if (seen.has(text)) {
      const hint = 'Slack refuses a name that is there twice: rename or remove one.';
      yield {
        rule: 'command-repeated',
        severity: 'error',
        pointer,
        message: `${text} is declared twice`,
        hint,
      };
    }
    seen.add(text);
    if (reserved.has(text)) {
      const message = `${text} is one of Slack's own commands`;
      // The one that Slack's service is known to refuse (invalid_name).
      const severity = text === '/me' ? 'error' : 'warning';
      yield { rule: 'command-reserved', severity, pointer, message, hint: 'Choose another name.' };
    } else if (text.startsWith('/') && (text !== text.toLowerCase() || /\s|.\//.test(text))) {
      const message = `the command ${JSON.stringify(text)} holds a blank, a capital or a second slash`;
      const hint = 'Use one word in lower case, with hyphens where needed.';
      yield { rule: 'command-characters', severity: 'warning', pointer, message, hint };
    }
  }
};

/** Slack makes a user name of the display name; letters beyond ASCII have failed with bad_username. */
export const botName: Rule = function* (manifest) {
  const name = manifest.text('/features/bot_user/display_name');
  if (!name || /^[\u0020-\u007e]*$/.test(name.text)) return;
  yield {
    rule: 'bot-name',
    severity: 'warning',
    pointer: name.pointer,
    message: "the bot's name holds characters beyond ASCII, which Slack has refused (bad_username)",
    hint: 'Use letters, digits, blanks, hyphens and dots.',
  };
};

export const shortcuts: Rule = function* (manifest) {
  const pointer = '/features/shortcuts';
  if (manifest.items(pointer).length === 0) return;
  if (manifest.isOff('/settings/interactivity/is_enabled')) {
    yield {
      rule: 'shortcuts-need-interactivity',
      severity: 'warning',
      pointer,
      message: 'shortcuts are declared, but interactivity is off',
      hint: 'Set settings.interactivity.is_enabled to true, with a request_url.',
    };
  }
  if (manifest.lacksScope('bot', 'commands') && manifest.lacksScope('user', 'commands')) {
    yield {
      rule: 'shortcuts-need-scope',
      severity: 'warning',
      pointer,
      message: 'shortcuts are declared, but the scope commands is missing',
      hint: 'Add "commands" to oauth_config.scopes.bot.',
    };
  }
};

/** Ten ranges by Slack's documentation, fifty by its schema; from one that is not public no call reaches Slack. */
export const allowedIpRanges: Rule = function* (manifest) {
  const list = '/settings/allowed_ip_address_ranges';
  const ranges = manifest.texts(list);
  if (ranges.length > 10 && ranges.length <= 50) {
    yield {
      rule: 'ip-range-count',
      severity: 'warning',
      pointer: list,
      message: `there are ${ranges.length} ranges; Slack's documentation allows 10, its schema 50`,
      hint: 'Merge neighbouring ranges.',
    };
  }
  for (const { text, pointer } of ranges) {
    const [network = ''] = text.split('/', 1);
    // The schema has refused IPv6 already.
    if (network.includes(':') || !isSpecialAddress(network)) continue;
    yield {
      rule: 'ip-range',
      severity: 'error',
      pointer,
      message: `${text} is not public, so that no call reaches Slack from there`,
      hint: 'Give the public address that your calls leave from.',
    };
  }
};

/** Keys that Slack documents or exports, though its published schema lacks them. */
const unlisted = [
  '/metadata_events',
  '/compliance',
  '/features/rich_previews',
  '/settings/app_level_token_rotation_enabled',
];

export const unlistedKeys: Rule = function* (manifest) {
  for (const pointer of unlisted) {
    if (!manifest.has(pointer)) continue;
    yield {
      rule: 'unlisted-key',
      severity: 'warning',
      pointer,
      message: `Slack documents or exports ${pointer.split('/').at(-1)}, but its published schema lacks it`,
      hint: 'Nothing to do where Slack takes it; leave it out where Slack says invalid_manifest.',
      atKey: true,
    };
  }
};
