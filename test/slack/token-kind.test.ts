import { expect, it } from 'vitest';
import { tokenKind } from '../../src/slack/token-kind.ts';

it.each([
  ['xoxe.xoxp-1-a', 'configuration access token'],
  ['xoxe.xoxb-1-a', 'bot token'],
  ['xoxe-1-a', 'refresh token'],
  ['xoxb-1-a', 'bot token'],
  ['xoxp-1-a', 'user token'],
  ['xapp-1-a', 'app-level token'],
  ['xwfp-1-a', 'workflow token'],
  ['xoxc-1-a', "browser's session token"],
  ['xoxd-1-a', "browser's session cookie"],
])('%s is a %s', (token, kind) => {
  expect(tokenKind(token)).toBe(kind);
});

it.each(['', 'xoxe', 'xoxe.', 'xoxa-1', ' xoxb-1', 'XOXB-1', 'a xoxb-1'])('%j is no token', (token) => {
  expect(tokenKind(token)).toBeUndefined();
});
