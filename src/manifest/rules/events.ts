import { nearest } from '../../text/nearest.ts';
import type { ManifestView, TextAt } from '../manifest-view.ts';
import { events, rejectedEvents, scopesForEvent } from '../slack-words/events.ts';
import type { Rule } from './rule.ts';

const knownEvents = new Set(events);
const rejected = new Set(rejectedEvents);
const subscriptions = '/settings/event_subscriptions';

/** What Slack requires of event subscriptions. */
export const eventRules = [
  {
    id: 'events-need-delivery',
    severity: 'error',
    title: 'Events need a request URL or Socket Mode.',
    why: 'Slack rejects the manifest: it would not know where to send the events.',
    fix: 'Add request_url here, or set settings.socket_mode_enabled to true.',
    source: 'docs',
    *check(manifest) {
      if (!hasEvents(manifest) || !manifest.needsUrls || !manifest.lacks(`${subscriptions}/request_url`))
        return;
      yield { pointer: subscriptions, message: 'events are listed, but there is no request_url' };
    },
  },
  {
    id: 'events-need-oauth-config',
    severity: 'warning',
    title: 'Events need an oauth_config.',
    why: 'Slack has rejected such a manifest (target_component_is_null).',
    fix: 'Add oauth_config with the scopes that the events need.',
    source: 'reported once',
    *check(manifest) {
      if (!hasEvents(manifest) || !manifest.lacks('/oauth_config')) return;
      yield { pointer: subscriptions, message: 'events are listed, but there is no oauth_config' };
    },
  },
  {
    id: 'unknown-event',
    severity: 'warning',
    title: 'Events are spelt as Slack spells them.',
    why: 'Slack rejects an event that does not exist (invalid_user_event_types). This is a warning, since Slack adds events; for two events that Slack is known to reject it is an error.',
    fix: 'Check the spelling. If Slack added the event recently, ignore this.',
    source: "Slack's SDK; reported",
    *check(manifest) {
      for (const { text, pointer } of [...subscribed(manifest, 'bot'), ...subscribed(manifest, 'user')]) {
        if (rejected.has(text)) {
          const message = `Slack rejects subscriptions to ${text}`;
          yield { severity: 'error', pointer, message, hint: 'Remove it.' };
        } else if (!knownEvents.has(text)) {
          const message = `Slack documents no event ${text}`;
          const meant = nearest(text, events);
          yield { pointer, message, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) };
        }
      }
    },
  },
  {
    id: 'event-needs-scope',
    severity: 'error',
    title: 'Each event has the scope that it needs.',
    why: 'Slack rejects a manifest with the bot event app_mention or message.* without its scope. Other events never arrive without theirs; those are warnings.',
    fix: 'Add the scope, or remove the event.',
    source: 'docs; reported for app_mention and message.*',
    *check(manifest) {
      for (const list of ['bot', 'user'] as const) {
        for (const { text, pointer } of subscribed(manifest, list)) {
          const scopes = scopesForEvent.get(text);
          if (!scopes?.every((scope) => manifest.lacksScope(list, scope))) continue;
          yield {
            severity: list === 'bot' && /^(?:app_mention$|message\.)/.test(text) ? 'error' : 'warning',
            pointer,
            message: `the event ${text} needs the ${list} scope ${scopes.join(' or ')}`,
            hint: `Add ${scopes.length > 1 ? 'one of them' : 'it'} to oauth_config.scopes.${list}, or remove the event.`,
          };
        }
      }
    },
  },
  {
    id: 'message-im-needs-messages-tab',
    severity: 'warning',
    title: 'The event message.im needs a Messages tab that people can write in.',
    why: 'Users cannot send the bot a direct message, so the event never arrives.',
    fix: 'Set features.app_home.messages_tab_enabled to true and messages_tab_read_only_enabled to false.',
    source: 'reported',
    *check(manifest) {
      const event = subscribed(manifest, 'bot').find(({ text }) => text === 'message.im');
      if (!event) return;
      const { pointer } = event;
      if (manifest.isFalse('/features/app_home/messages_tab_enabled')) {
        yield { pointer, message: 'message.im is subscribed, but the Messages tab is off' };
      } else if (manifest.isTrue('/features/app_home/messages_tab_read_only_enabled')) {
        yield { pointer, message: 'message.im is subscribed, but the Messages tab is read-only' };
      }
    },
  },
  {
    id: 'link-shared-needs-domains',
    severity: 'warning',
    title: 'The event link_shared needs unfurl domains.',
    why: 'Slack sends the event only for links to the domains in features.unfurl_domains, so it never arrives.',
    fix: 'List the domains in features.unfurl_domains, or remove the event.',
    source: 'docs; reported',
    *check(manifest) {
      const event = [...subscribed(manifest, 'bot'), ...subscribed(manifest, 'user')].find(
        ({ text }) => text === 'link_shared',
      );
      if (!event || !manifest.isEmpty('/features/unfurl_domains')) return;
      yield { pointer: event.pointer, message: 'link_shared is subscribed, but there are no unfurl domains' };
    },
  },
] as const satisfies readonly Rule[];

function subscribed(manifest: ManifestView, list: 'bot' | 'user'): readonly TextAt[] {
  return manifest.texts(`${subscriptions}/${list}_events`);
}

function hasEvents(manifest: ManifestView): boolean {
  return ['bot_events', 'user_events'].some((list) => manifest.items(`${subscriptions}/${list}`).length > 0);
}
