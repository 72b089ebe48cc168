import { describe } from 'vitest';
import { agentRules } from '../../../src/manifest/rules/agents.ts';
import {
  agent,
  all,
  assistant,
  events,
  itAccepts,
  itReports,
  itShowsEvery,
  type Row,
  scopes,
  set,
} from '../mutation.ts';

const scope = set(`${scopes}/bot/-`, 'assistant:write');
const event = set(`${events}/bot_events/-`, 'assistant_thread_started');

const rows: readonly Row[] = [
  ['assistant:write without a view', scope, [`error agent-scope-needs-view ${scopes}/bot/7`]],
  [
    'an agent without the scope',
    set('/features/agent_view', agent),
    ['warning agent-view-needs-scope /features/agent_view'],
  ],
  [
    'an assistant',
    all(set('/features/assistant_view', assistant), scope, event),
    ['warning assistant-view-retired /features/assistant_view'],
  ],
  [
    'an assistant without the scope and the event',
    set('/features/assistant_view', assistant),
    [
      'warning agent-view-needs-scope /features/assistant_view',
      'warning assistant-view-retired /features/assistant_view',
      'warning assistant-view-needs-event /features/assistant_view',
    ],
  ],
];

describe('the rules for agents', () => {
  itReports(rows);
  itShowsEvery(agentRules, rows);
  itAccepts([['an agent with its scope', all(set('/features/agent_view', agent), scope)]]);
});
