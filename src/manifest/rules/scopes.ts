import { nearest } from '../../text/nearest.ts';
import type { ManifestView, TextAt } from '../manifest-view.ts';
import { appLevelScopes, botScopes, legacyScopes, userOnlyScopes } from '../slack-words/scopes.ts';
import type { Rule } from './rule.ts';

const knownBotScopes = new Set(botScopes);
const knownUserOnlyScopes = new Set(userOnlyScopes);
const knownAppLevelScopes = new Set(appLevelScopes);
/** Scopes that work without a bot user; the others act as one. */
const botlessScopes = new Set(['commands', 'incoming-webhook']);

/** What Slack requires of scopes and of the bot user that has them. */
export const scopeRules = [
  {
    id: 'bot-user-needs-scope',
    severity: 'error',
    title: 'A bot user needs a bot scope.',
    why: 'Slack rejects the manifest (requires_a_bot_scope). With user scopes alone this is a warning.',
    fix: 'Add a scope to oauth_config.scopes.bot, or remove features.bot_user.',
    source: 'reported',
    *check(manifest) {
      // Slack accepts apps made of functions without any scope.
      if (manifest.object('/features/bot_user') === undefined || !manifest.lacks('/functions')) return;
      if (!manifest.isEmpty('/oauth_config/scopes/bot')) return;
      yield {
        severity: manifest.isEmpty('/oauth_config/scopes/user') ? 'error' : 'warning',
        pointer: '/features/bot_user',
        message: 'the app has a bot user, but no bot scope',
      };
    },
  },
  {
    id: 'bot-scopes-need-bot-user',
    severity: 'warning',
    title: 'Bot scopes need a bot user.',
    why: 'Slack has rejected such a manifest.',
    fix: 'Add features.bot_user with a display_name.',
    source: 'reported once',
    *check(manifest) {
      if (!manifest.lacks('/features/bot_user')) return;
      const scope = manifest.scopes('bot').find(({ text }) => !botlessScopes.has(text));
      if (!scope) return;
      yield {
        pointer: '/oauth_config/scopes/bot',
        message: `the app has bot scopes such as ${scope.text}, but no bot user`,
      };
    },
  },
  {
    id: 'optional-scope',
    severity: 'error',
    title: 'An optional scope is also one of the scopes.',
    why: 'Slack rejects the manifest.',
    fix: 'Add it to the scopes too, or remove it here.',
    source: 'docs',
    *check(manifest) {
      for (const list of ['bot', 'user'] as const) {
        for (const { text, pointer } of manifest.scopes(`${list}_optional`)) {
          if (!manifest.lacksScope(list, text)) continue;
          yield {
            pointer,
            message: `the optional scope ${text} is not one of the ${list} scopes`,
            hint: `Add it to oauth_config.scopes.${list} too, or remove it here.`,
          };
        }
      }
    },
  },
  {
    id: 'unknown-scope',
    severity: 'warning',
    title: 'Scopes are spelt as Slack spells them.',
    why: 'Slack rejects a scope that does not exist (illegal_bot_scopes, invalid_scopes). This is a warning, since Slack adds scopes.',
    fix: 'Check the spelling. If Slack added the scope recently, ignore this.',
    source: "Slack's SDK, docs",
    *check(manifest) {
      for (const { text, pointer } of botAndOptional(manifest)) {
        if (!isBotScope(text) && !knownUserOnlyScopes.has(text)) {
          yield { pointer, ...unknown(text, botScopes) };
        }
      }
      for (const { text, pointer } of userAndOptional(manifest)) {
        if (!isBotScope(text) && !knownUserOnlyScopes.has(text)) {
          yield { pointer, ...unknown(text, [...userOnlyScopes, ...botScopes]) };
        }
      }
    },
  },
  {
    id: 'user-scope-for-bot',
    severity: 'warning',
    title: 'Bot scopes are scopes that a bot can have.',
    why: 'Slack rejects the manifest (illegal_bot_scopes). This was reported for search:read, which is an error; the others are only documented, so they are warnings.',
    fix: 'Move it to oauth_config.scopes.user, or remove it.',
    source: 'docs; reported for search:read',
    *check(manifest) {
      for (const { text, pointer } of botAndOptional(manifest)) {
        if (!knownUserOnlyScopes.has(text)) continue;
        const severity = text === 'search:read' ? 'error' : 'warning';
        yield { severity, pointer, message: `${text} is a scope for user tokens, not for bots` };
      }
    },
  },
  {
    id: 'legacy-scope',
    severity: 'warning',
    title: 'Scopes are not those of classic apps.',
    why: 'Slack has rejected files:write:user; the others belong to classic apps too.',
    fix: 'Use the scope that replaced it.',
    source: "Slack's SDK; reported once",
    *check(manifest) {
      for (const { text, pointer } of [...botAndOptional(manifest), ...userAndOptional(manifest)]) {
        const successor = legacyScopes.get(text);
        if (successor === undefined) continue;
        const hint = `Use ${successor} instead.`;
        yield { pointer, message: `${text} is a scope of classic apps`, hint };
      }
    },
  },
] as const satisfies readonly Rule[];

function botAndOptional(manifest: ManifestView): readonly TextAt[] {
  return [...manifest.scopes('bot'), ...manifest.scopes('bot_optional')];
}

function userAndOptional(manifest: ManifestView): readonly TextAt[] {
  return [...manifest.scopes('user'), ...manifest.scopes('user_optional')];
}

/** Whether a bot can have the scope, or could in a classic app. */
function isBotScope(text: string): boolean {
  return knownBotScopes.has(text) || legacyScopes.has(text);
}

function unknown(
  text: string,
  known: readonly string[],
): { readonly message: string; readonly hint?: string } {
  if (knownAppLevelScopes.has(text)) {
    return {
      message: `${text} is a scope of app-level tokens, which a manifest cannot request`,
      hint: 'Remove it, and generate the token under Basic Information > App-Level Tokens.',
    };
  }
  const message = `Slack documents no scope ${text}`;
  const meant = nearest(text, known);
  return meant === undefined ? { message } : { message, hint: `Did you mean ${meant}?` };
}
