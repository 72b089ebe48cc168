import { expect, it } from 'vitest';
import { runInProcess } from '../../support/in-process.ts';

const env = { SLACK_SECRET: '8f742231b10e8888abcd99yyyzzz85a5' };
const oauth = {
  ...env,
  SLACK_APP_CLIENT_ID: '1234567890.1234567890',
  SLACK_APP_CLIENT_SECRET: '0123456789abcdef0123456789abcdef',
};

it.each([
  ['an id of another kind', oauth, ['C0123456789'], 'Give ids such as T0123456789'],
  ['a name among ids', oauth, ['T0123456789', 'acme'], 'Give ids such as T0123456789'],
  ['no client id and secret', env, ['T0123456789'], 'Set SLACK_APP_CLIENT_ID and SLACK_APP_CLIENT_SECRET'],
  [
    'a relay, which installs nothing',
    oauth,
    ['T0123456789', '--upstream', 'https://spacelift.internal.example'],
    'with --upstream, Spacelift installs the app',
  ],
])('rejects --allow-workspace with %s', async (_name, variables, args, message) => {
  const { code, stderr } = await runInProcess(['serve', '--allow-workspace', ...args], {
    cwd: '/nonexistent',
    env: variables,
  });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
