import { isObject } from '../../json-value.ts';
import type { ManifestView, TextAt } from '../manifest-view.ts';
import { builtInCommands, rejectedCommands } from '../slack-words/commands.ts';
import type { Rule } from './rule.ts';

const builtIn = new Set(builtInCommands);
const rejected = new Set(rejectedCommands);
const commands = '/features/slash_commands';

/** What Slack requires of slash commands. */
export const commandRules = [
  {
    id: 'command-needs-url',
    severity: 'warning',
    title: 'A slash command has a URL, unless the app uses Socket Mode.',
    why: 'Slack calls nothing when someone types the command.',
    fix: 'Add url, or set settings.socket_mode_enabled to true.',
    source: "Slack's SDK",
    *check(manifest) {
      if (!manifest.needsUrls) return;
      for (const { value, pointer } of manifest.items(commands)) {
        if (!isObject(value) || manifest.has(`${pointer}/url`)) continue;
        yield { pointer, message: 'the command has no url, so Slack calls nothing when someone types it' };
      }
    },
  },
  {
    id: 'command-needs-scope',
    severity: 'error',
    title: 'Slash commands need the bot scope commands.',
    why: 'Slack rejects the manifest (requires_commands_bot_scope).',
    fix: 'Add "commands" to oauth_config.scopes.bot.',
    source: 'reported',
    *check(manifest) {
      if (manifest.items(commands).length === 0 || !manifest.lacksScope('bot', 'commands')) return;
      yield {
        pointer: commands,
        message: 'slash commands are declared, but the bot scope commands is missing',
      };
    },
  },
  {
    id: 'command-repeated',
    severity: 'error',
    title: 'Each slash command is declared once.',
    why: 'Slack rejects the manifest (name is duplicated).',
    fix: 'Rename or remove one of the two.',
    source: 'reported once',
    *check(manifest) {
      const seen = new Set<string>();
      for (const { text, pointer } of names(manifest)) {
        if (seen.has(text)) yield { pointer, message: `${text} is declared twice` };
        seen.add(text);
      }
    },
  },
  {
    id: 'command-reserved',
    severity: 'warning',
    title: "A slash command is not one of Slack's own.",
    why: 'Slack runs its own command instead, or rejects the manifest (invalid_name). For /me and /status several people reported that, so those are errors.',
    fix: 'Choose another name.',
    source: 'reported for /me and /status; reported once for others',
    *check(manifest) {
      for (const { text, pointer } of names(manifest)) {
        if (!builtIn.has(text)) continue;
        const severity = rejected.has(text) ? 'error' : 'warning';
        yield { severity, pointer, message: `${text} is one of Slack's own commands` };
      }
    },
  },
  {
    id: 'command-characters',
    severity: 'warning',
    title: 'A slash command is one word in lower case.',
    why: 'Slack may reject other names (invalid_name).',
    fix: 'Use one word in lower case, with hyphens where needed.',
    source: 'not documented',
    *check(manifest) {
      for (const { text, pointer } of names(manifest)) {
        if (!text.startsWith('/') || (text === text.toLowerCase() && !/\s|.\//.test(text))) continue;
        const message = `the command ${JSON.stringify(text)} has a space, a capital letter or a second slash`;
        yield { pointer, message };
      }
    },
  },
] as const satisfies readonly Rule[];

function* names(manifest: ManifestView): Iterable<TextAt> {
  for (const { pointer } of manifest.items(commands)) {
    const command = manifest.text(`${pointer}/command`);
    if (command) yield command;
  }
}
