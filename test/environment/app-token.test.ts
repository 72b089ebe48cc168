import { expect, it } from 'vitest';
import { readAppToken } from '../../src/environment/app-token.ts';

const token = `xapp-1-A0123456789-1234567890123-${'0a'.repeat(32)}`;
const signingSecret = '8f742231b10e8888abcd99e0e0e085a5';

it.each([[{}], [{ signingSecret }], [{ appId: 'A0123456789' }]])(
  'reads a token and the app that it belongs to: %j',
  (context) => {
    expect(readAppToken(token, context)).toEqual({ ok: true, token, appId: 'A0123456789' });
  },
);

it('reads a token of a later version', () => {
  const later = token.replace('xapp-1-', 'xapp-12-');
  expect(readAppToken(later, {})).toEqual({ ok: true, token: later, appId: 'A0123456789' });
});

it.each<[value: string | undefined, problem: string]>([
  [undefined, 'is not set'],
  [signingSecret, 'holds the signing secret, not an app-level token (xapp-…)'],
  ['xoxe.xoxp-1-Mi0y', 'holds a configuration token, not'],
  ['xoxe-1-My0x', 'holds a configuration token, not'],
  ['xoxb-1-2-abc', 'holds a bot token, not'],
  ['xoxe.xoxb-1-2', 'holds a bot token, not'],
  ['xoxp-1-2', 'holds a user token, not'],
  ['xwfp-1', 'holds a workflow token, not'],
  ['c0ffee00c0ffee00c0ffee00c0ffee00', "holds one of the app's secrets, not"],
  ['A0123456', 'holds an app ID, not'],
  ['A0123456789', 'holds an app ID, not'],
  ['2833563543.1341693891393', 'holds a client ID, not'],
])('names what is there in place of a token: %s', (value, problem) => {
  expect(readAppToken(value, { signingSecret })).toEqual({
    ok: false,
    problem: expect.stringContaining(`SLACK_APP_TOKEN ${problem}`),
    hint: expect.stringContaining('Basic Information > App-Level Tokens'),
  });
});

it.each([
  '',
  ` ${token}`,
  `${token} `,
  `${token}\n`,
  `"${token}"`,
  `x${token}`,
  'xapp-1-A0123456789-1234567890123-',
  'xapp-1-A0123456789-x-0a',
  'xapp-1-B0123456789-1234567890123-0a',
  'xapp-1-A-1234567890123-0a',
  'xapp--A0123456789-1234567890123-0a',
  // Nothing that only contains what another value looks like is taken for it.
  'my xoxb-1',
  'my xoxp-1',
  'my xwfp-1',
  'my xoxe-1',
  'my xoxe.xoxb-1',
  'my xoxe.xoxp-1',
  `0${signingSecret}`,
  `${signingSecret}0`,
  'A012345',
  'xA0123456',
  'A0123456x',
  'v1.2',
  '1.2v',
  '12',
])('rejects what has another format: %j', (value) => {
  expect(readAppToken(value, {})).toEqual({
    ok: false,
    problem: 'SLACK_APP_TOKEN is not an app-level token, which has the format xapp-1-A…-…-…',
    hint: expect.stringContaining('without quotes, blanks or line breaks'),
  });
});

it('rejects the token of another app', () => {
  expect(readAppToken(token, { appId: 'A9999999999' })).toEqual({
    ok: false,
    problem: 'SLACK_APP_TOKEN is a token of the app A0123456789, not of A9999999999',
    hint: expect.stringContaining('SLACK_APP_ID'),
  });
});
