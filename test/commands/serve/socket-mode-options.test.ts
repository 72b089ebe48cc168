import { expect, it } from 'vitest';
import { runInProcess } from '../../support/in-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const token = 'xapp-1-A0123456789-1234567890123-0123456789abcdef';

async function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const scene = { env: { SLACK_SECRET: signingSecret, ...env }, cwd: await temporaryFolder() };
  const { code, stderr } = await runInProcess(['serve', ...args], scene);
  return { code, stderr };
}

it.each([
  ['nothing', undefined, 'SLACK_APP_TOKEN is not set'],
  ['the signing secret', signingSecret, 'holds the signing secret'],
  ['a bot token', 'xoxb-1-hush', 'holds a bot token'],
  ['a rotating bot token', 'xoxe.xoxb-1-hush', 'holds a bot token'],
  ['a user token', 'xoxp-1-hush', 'holds a user token'],
  ['a configuration token', 'xoxe.xoxp-1-hush', 'holds a configuration token'],
  ['a secret', '0123456789abcdef0123456789abcdef', "holds one of the app's secrets"],
  ['an app ID', 'A0123456789', 'holds an app ID'],
  ['a client ID', '1234.5678', 'holds a client ID'],
  ['half a token', 'xapp-1-A0123456789', 'is not an app-level token'],
  ['a token in quotes', `"${token}"`, 'is not an app-level token'],
  ['a token with a line break', `${token}\n`, 'is not an app-level token'],
])('does not start with %s in SLACK_APP_TOKEN', async (_, value, problem) => {
  const { code, stderr } = await serve(
    ['--socket-mode'],
    value === undefined ? {} : { SLACK_APP_TOKEN: value },
  );
  expect(code).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain('hush');
  expect(stderr).not.toContain(signingSecret);
});

it('does not start with the token of another app than SLACK_APP_ID', async () => {
  const env = { SLACK_APP_TOKEN: token, SLACK_APP_ID: 'A9876543210' };
  const { code, stderr } = await serve(['--socket-mode'], env);
  expect(code).toBe(2);
  expect(stderr).toContain('SLACK_APP_TOKEN is a token of the app A0123456789, not of A9876543210');
  expect(stderr).not.toContain(token);
});

it.each(['0', '11', '2.5', 'two', ''])('does not start with --connections %s', async (count) => {
  const { code, stderr } = await serve(['--socket-mode', '--connections', count], { SLACK_APP_TOKEN: token });
  expect(code).toBe(2);
  expect(stderr).toContain('from 1 to 10');
});

it('does not start with --connections alone, nor with --relay-oauth where nothing listens', async () => {
  const alone = await serve(['--connections', '2']);
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('without --socket-mode') });
  const args = ['--socket-mode', '--relay-oauth', '--upstream', 'https://spacelift.internal.example'];
  const oauth = await serve(args, { SLACK_APP_TOKEN: token });
  expect(oauth).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a public listener') });
});
