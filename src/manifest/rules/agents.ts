import type { Rule } from './rule.ts';

/** What Slack requires of agents: apps with features.agent_view or the older features.assistant_view. */
export const agentRules = [
  {
    id: 'agent-scope-needs-view',
    severity: 'error',
    title: 'The scope assistant:write needs features.agent_view or features.assistant_view.',
    why: 'Slack rejects the manifest ("Assistant:write scope should include assistant_view feature").',
    fix: 'Add features.agent_view, or remove the scope.',
    source: 'reported',
    *check(manifest) {
      const scope = manifest.scopes('bot').find(({ text }) => text === 'assistant:write');
      if (!scope || !manifest.lacks('/features/agent_view') || !manifest.lacks('/features/assistant_view'))
        return;
      const message = 'the scope assistant:write is requested, but the app has no agent_view';
      yield { pointer: scope.pointer, message };
    },
  },
  {
    id: 'agent-view-needs-scope',
    severity: 'warning',
    title: 'An agent needs the bot scope assistant:write.',
    why: 'Without the scope the app cannot set the status, title and prompts of a conversation.',
    fix: 'Add "assistant:write" to oauth_config.scopes.bot.',
    source: 'docs',
    *check(manifest) {
      for (const view of ['agent_view', 'assistant_view']) {
        const pointer = `/features/${view}`;
        if (manifest.object(pointer) === undefined || !manifest.lacksScope('bot', 'assistant:write'))
          continue;
        yield { pointer, message: `the app has ${view}, but not the bot scope assistant:write` };
      }
    },
  },
  {
    id: 'assistant-view-retired',
    severity: 'warning',
    title: 'A new app uses agent_view, not assistant_view.',
    why: 'Since July 2026 new apps can only have agent_view, and Slack has rejected assistant_view for one. An existing app may keep it.',
    fix: 'Replace it with features.agent_view, unless the app has it already.',
    source: 'docs; reported once',
    *check(manifest) {
      const pointer = '/features/assistant_view';
      if (manifest.object(pointer) === undefined) return;
      yield { pointer, message: 'Slack accepts assistant_view only for apps that have it already' };
    },
  },
  {
    id: 'assistant-view-needs-event',
    severity: 'warning',
    title: 'An app with assistant_view subscribes to assistant_thread_started.',
    why: 'Slack has rejected such a manifest ("Assistant View should use assistant_thread_started bot event subscription").',
    fix: 'Add "assistant_thread_started" to settings.event_subscriptions.bot_events.',
    source: 'reported once',
    *check(manifest) {
      const pointer = '/features/assistant_view';
      const events = '/settings/event_subscriptions/bot_events';
      if (manifest.object(pointer) === undefined) return;
      if (!manifest.lacksItem(events, 'assistant_thread_started')) return;
      const message = 'the app has assistant_view, but not the bot event assistant_thread_started';
      yield { pointer, message };
    },
  },
] as const satisfies readonly Rule[];
