import { expect, it } from 'vitest';
import { runInProcess } from '../../support/in-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it.each([
  ['spacelift.internal.example', 'does not begin with https:// or http://'],
  ['spacelift.internal.example:443', 'does not begin with https:// or http://'],
  ['ftp://spacelift.internal.example', 'does not begin with https:// or http://'],
  ['https://', 'has a host or a port that cannot be one'],
  ['https://spacelift.internal.example:99999', 'has a host or a port that cannot be one'],
  ['https://me:hush@spacelift.internal.example', 'has user information'],
  ['https://spacelift.internal.example/webhooks/slack', 'has a path'],
  ['https://spacelift.internal.example/?hush', 'has a query or a fragment'],
])('says what is wrong with --upstream %s', async (upstream, problem) => {
  const scene = { env: { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' }, cwd: await temporaryFolder() };
  const { code, stderr } = await runInProcess(['serve', '--upstream', upstream], scene);
  expect(code).toBe(2);
  expect(stderr).toContain(`--upstream ${problem}`);
  expect(stderr).not.toContain('hush');
});
