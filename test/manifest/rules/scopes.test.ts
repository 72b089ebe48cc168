import { describe } from 'vitest';
import { scopeRules } from '../../../src/manifest/rules/scopes.ts';
import { all, itReports, itShowsEvery, type Row, remove, scopes, set } from '../mutation.ts';

const rows: readonly Row[] = [
  [
    'bot scopes without a bot user',
    remove('/features/bot_user'),
    ['warning bot-scopes-need-bot-user /oauth_config/scopes/bot'],
  ],
  ['a mistyped scope', set(`${scopes}/bot/0`, 'channels:raed'), [`warning unknown-scope ${scopes}/bot/0`]],
  [
    'a scope that does not exist',
    set(`${scopes}/bot/0`, 'bananas'),
    [`warning unknown-scope ${scopes}/bot/0`],
  ],
  [
    'a mistyped user scope',
    set(`${scopes}/user`, ['serch:read']),
    [`warning unknown-scope ${scopes}/user/0`],
  ],
  [
    'search:read as a bot scope',
    set(`${scopes}/bot/-`, 'search:read'),
    [`error user-scope-for-bot ${scopes}/bot/7`],
  ],
  [
    'another user scope as a bot scope',
    set(`${scopes}/bot/-`, 'stars:read'),
    [`warning user-scope-for-bot ${scopes}/bot/7`],
  ],
  [
    'a bot user without any scope',
    all(remove('/features/slash_commands'), set(`${scopes}/bot`, [])),
    ['error bot-user-needs-scope /features/bot_user'],
  ],
  [
    'a bot user with user scopes only',
    all(remove('/features/slash_commands'), set(scopes, { user: ['search:read'] })),
    ['warning bot-user-needs-scope /features/bot_user'],
  ],
  [
    'an optional bot scope that is not a bot scope',
    set(`${scopes}/bot_optional`, ['files:read']),
    [`error optional-scope ${scopes}/bot_optional/0`],
  ],
  [
    'an optional user scope that is not a user scope',
    set(`${scopes}/user_optional`, ['search:read']),
    [`error optional-scope ${scopes}/user_optional/0`],
  ],
  ...['files:write:user', 'chat:write:user', 'chat:write:bot'].flatMap((scope): Row[] => [
    [
      `the legacy user scope ${scope}`,
      set(`${scopes}/user`, [scope]),
      [`warning legacy-scope ${scopes}/user/0`],
    ],
    [
      `the legacy bot scope ${scope}`,
      set(`${scopes}/bot/-`, scope),
      [`warning legacy-scope ${scopes}/bot/7`],
    ],
  ]),
  [
    'a scope of app-level tokens',
    set(`${scopes}/bot/-`, 'connections:write'),
    [`warning unknown-scope ${scopes}/bot/7`],
  ],
];

describe('the rules for scopes and the bot user', () => {
  itReports(rows);
  itShowsEvery(scopeRules, rows);
});
