import { nearest } from '../../text/nearest.ts';
import type { Remark } from '../finding.ts';
import type { TextAt } from '../manifest-view.ts';
import type { Rule } from './rule.ts';
import { botScopes, events, scopesForEvent, userOnlyScopes } from './slack-words.ts';

const knownBotScopes = new Set(botScopes);
const knownUserOnlyScopes = new Set(userOnlyScopes);
const knownEvents = new Set(events);
/** Named in the SDK, yet refused by Slack's service. */
const refusedEvents = new Set(['file_comment_added', 'presence_change']);

const lists = ['bot', 'user'] as const;

/** Slash commands need the bot scope `commands` (answer of Slack's service: requires_commands_bot_scope). */
export const commandsNeedScope: Rule = function* (manifest) {
  if (manifest.items('/features/slash_commands').length === 0 || !manifest.lacksScope('bot', 'commands'))
    return;
  yield {
    rule: 'command-needs-scope',
    severity: 'error',
    pointer: '/features/slash_commands',
    message: 'slash commands are declared, but the bot scope commands is missing',
    hint: 'Add "commands" to oauth_config.scopes.bot.',
  };
};

/** A bot user needs a bot scope (answer of Slack's service: requires_a_bot_scope), but for apps made of functions. */
export const botUserNeedsScope: Rule = function* (manifest) {
  if (manifest.object('/features/bot_user') === undefined || !manifest.lacks('/functions')) return;
  if (!manifest.isEmpty('/oauth_config/scopes/bot')) return;
  yield {
    rule: 'bot-user-needs-scope',
    severity: manifest.isEmpty('/oauth_config/scopes/user') ? 'error' : 'warning',
    pointer: '/features/bot_user',
    message: 'there is a bot user, but it has no scope',
    hint: 'Add at least one scope to oauth_config.scopes.bot, or leave bot_user out.',
  };
};

/** Scopes that work without a bot user; the others act as one. */
const botlessScopes = new Set(['commands', 'incoming-webhook']);

export const botScopesNeedBotUser: Rule = function* (manifest) {
  if (!manifest.lacks('/features/bot_user')) return;
  const scope = manifest.scopes('bot').find(({ text }) => !botlessScopes.has(text));
  if (!scope) return;
  yield {
    rule: 'bot-scopes-need-bot-user',
    severity: 'warning',
    pointer: '/oauth_config/scopes/bot',
    message: `there are bot scopes such as ${scope.text}, but no bot user`,
    hint: 'Add features.bot_user with a display_name: Slack has refused such a manifest.',
  };
};

/** Optional scopes are a part of the scopes (Slack: App manifest reference). */
export const optionalScopes: Rule = function* (manifest) {
  for (const list of lists) {
    for (const { text, pointer } of manifest.scopes(`${list}_optional`)) {
      if (!manifest.lacksScope(list, text)) continue;
      yield {
        rule: 'optional-scope',
        severity: 'error',
        pointer,
        message: `the optional scope ${text} is not among the ${list} scopes`,
        hint: `Add it to oauth_config.scopes.${list} too, or leave it out here.`,
      };
    }
  }
};

export const scopeNames: Rule = function* (manifest) {
  for (const scope of [...manifest.scopes('bot'), ...manifest.scopes('bot_optional')])
    yield* checkBotScope(scope);
  for (const { text, pointer } of [...manifest.scopes('user'), ...manifest.scopes('user_optional')]) {
    if (!knownUserOnlyScopes.has(text) && !knownBotScopes.has(text)) {
      yield unknownScope(text, pointer, [...userOnlyScopes, ...botScopes]);
    }
  }
};

function* checkBotScope({ text, pointer }: TextAt): Iterable<Remark> {
  if (knownBotScopes.has(text)) return;
  if (!knownUserOnlyScopes.has(text)) {
    yield unknownScope(text, pointer, botScopes);
    return;
  }
  yield {
    rule: 'user-scope-for-bot',
    // Slack's service is known to refuse this one (illegal_bot_scopes); of the others only the documentation says so.
    severity: text === 'search:read' ? 'error' : 'warning',
    pointer,
    message: `${text} is a scope for people's tokens, not for bots`,
    hint: 'Move it to oauth_config.scopes.user, or leave it out.',
  };
}

/** A warning only: Slack adds scopes and events, and refuses those that it does not have. */
function unknownScope(text: string, pointer: string, known: readonly string[]): Remark {
  return {
    rule: 'unknown-scope',
    severity: 'warning',
    pointer,
    message: `Slack documents no scope ${text}`,
    hint: spellingHint(text, known),
  };
}

function spellingHint(text: string, known: readonly string[]): string {
  const meant = nearest(text, known);
  return meant === undefined
    ? 'Check the spelling; nothing is wrong where Slack has added it of late.'
    : `Did you mean ${meant}?`;
}

export const eventNames: Rule = function* (manifest) {
  for (const list of lists) {
    for (const { text, pointer } of manifest.texts(`/settings/event_subscriptions/${list}_events`)) {
      if (refusedEvents.has(text)) {
        const message = `${text} is no event that Slack's service takes`;
        yield { rule: 'unknown-event', severity: 'error', pointer, message, hint: 'Leave it out.' };
      } else if (!knownEvents.has(text)) {
        const message = `Slack documents no event ${text}`;
        yield {
          rule: 'unknown-event',
          severity: 'warning',
          pointer,
          message,
          hint: spellingHint(text, events),
        };
      }
    }
  }
};

/** An event reaches an app only with the scope that shows what it is about (each event's page in Slack's docs). */
export const eventsNeedScopes: Rule = function* (manifest) {
  for (const list of lists) {
    for (const { text, pointer } of manifest.texts(`/settings/event_subscriptions/${list}_events`)) {
      const needed = scopesForEvent.get(text);
      if (!needed?.every((scope) => manifest.lacksScope(list, scope))) continue;
      yield {
        rule: 'event-needs-scope',
        severity: 'warning',
        pointer,
        message: `the event ${text} needs the ${list} scope ${needed.join(' or ')}`,
        hint: `Add ${needed.length > 1 ? 'one of them' : 'it'} to oauth_config.scopes.${list}, or leave the event out.`,
      };
    }
  }
};
