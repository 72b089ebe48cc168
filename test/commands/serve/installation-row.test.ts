import { expect, it } from 'vitest';
import { describeScopes, nameCells } from '../../../src/commands/serve/installations/row.ts';

it('shows hidden characters in what Slack names: workspaces, organisations and scopes', () => {
  const hostile = 'a\u001b[2J\u202e\u{e0041}';
  const shown = String.raw`a\u001b[2J\u202e\udb40\udc41`;
  const installation = {
    ...{ id: hostile, orgWide: false, teamId: hostile, teamName: hostile, appId: 'A1', scopes: '' },
    ...{ enterpriseId: null, enterpriseName: null, botUserId: null, installedBy: null, installedAt: 0 },
  };
  expect(nameCells(installation)).toEqual([shown, shown]);
  expect(describeScopes({ granted: [hostile], missing: [], extra: [hostile] })).toBe(
    `scopes not in the manifest: ${shown}`,
  );
});
