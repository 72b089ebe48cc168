import { describe, expect, it } from 'vitest';
import { openSocketUrl } from '../../../src/slack/api/socket-url.ts';
import { createSlackApi } from '../../../src/slack/api/web-api.ts';
import { localSlack } from '../../support/local-slack.ts';

describe('openSocketUrl', () => {
  it('gets a URL with the app-level token in the header alone', async () => {
    const slack = await localSlack();
    const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
    const token = slack.workspace.addAppToken(app);
    const result = await openSocketUrl(createSlackApi({ url: slack.url, env: {} }), token);
    expect(result).toEqual({ ok: true, value: expect.stringContaining('/link/?ticket=') });
    expect(slack.calls('apps.connections.open')).toMatchObject([
      { form: {}, authorization: { bearer: token } },
    ]);
  });

  it.each([
    ['ws://wss-primary.slack.com/link/?ticket=1', 'insecure-url'],
    ['https://wss-primary.slack.com/link/?ticket=1', 'insecure-url'],
    ['wss-primary', 'unreadable'],
    [undefined, 'unreadable'],
  ])('accepts no URL that the payloads must not cross: %s', async (url, kind) => {
    const slack = await localSlack();
    slack.next('apps.connections.open', { answer: { ok: true, url } });
    const result = await openSocketUrl(createSlackApi({ url: slack.url, env: {} }), 'xapp-1-A1-1-f');
    expect(result).toEqual({ ok: false, failure: { kind } });
  });

  it.each([
    'ws://127.0.0.1:1234/link/',
    'ws://localhost:1234/link/',
    'ws://[::1]:1234/link/',
    'wss://x.example/',
  ])('accepts TLS anywhere, and plain text on this machine alone: %s', async (url) => {
    const slack = await localSlack();
    slack.next('apps.connections.open', { answer: { ok: true, url } });
    const result = await openSocketUrl(createSlackApi({ url: slack.url, env: {} }), 'xapp-1-A1-1-f');
    expect(result).toEqual({ ok: true, value: url });
  });

  it("returns Slack's error", async () => {
    const slack = await localSlack();
    const result = await openSocketUrl(createSlackApi({ url: slack.url, env: {} }), 'xapp-1-A1-1-f');
    expect(result).toMatchObject({ ok: false, failure: { kind: 'refused', error: 'invalid_auth' } });
  });
});
