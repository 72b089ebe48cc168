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

  it("returns Slack's error", async () => {
    const slack = await localSlack();
    const result = await openSocketUrl(createSlackApi({ url: slack.url, env: {} }), 'xapp-1-A1-1-f');
    expect(result).toMatchObject({ ok: false, failure: { kind: 'refused', error: 'invalid_auth' } });
  });
});
