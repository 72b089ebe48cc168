import { describe, expect, it } from 'vitest';
import { loopWarning } from '../../../src/commands/serve/relay-options.ts';
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

describe('loopWarning', () => {
  it('warns if the upstream is the host that Slack calls', () => {
    const warning = loopWarning({ origin: 'https://a.example.com' }, 'a.example.com');
    expect(warning).toContain('--upstream names the host that Slack calls, a.example.com');
    expect(warning).toContain('--upstream-host a.example.com');
  });

  it.each([
    ['https://b.example.com', 'a.example.com'],
    ['https://a.example.com:8443', 'a.example.com'],
    ['https://10.0.0.5', 'a.example.com'],
    ['https://a.example.com', undefined],
  ])('has no objection to the upstream %s if Slack calls %s', (origin, domain) => {
    expect(loopWarning({ origin }, domain)).toBeUndefined();
  });
});
