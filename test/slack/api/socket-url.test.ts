import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json-value.ts';
import { openSocketUrl } from '../../../src/slack/api/socket-url.ts';
import type { SlackApi, SlackResult } from '../../../src/slack/api/web-api.ts';

const token = 'xapp-1-A1-1-f';

function open(result: SlackResult<JsonObject>) {
  const api: SlackApi = {
    url: 'https://slack.com',
    call: async (...call) => {
      expect(call).toEqual(['apps.connections.open', {}, { token }]);
      return result;
    },
  };
  return openSocketUrl(api, token);
}

it.each([
  'wss://wss-primary.slack.com/link/?ticket=1',
  'ws://localhost:1234/link/',
  'ws://127.0.0.1:1234/link/',
  'ws://127.10.200.30/link/',
  'ws://[::1]:1234/link/',
])('accepts TLS anywhere, and plain text on this machine alone: %s', async (url) => {
  expect(await open({ ok: true, value: { ok: true, url } })).toEqual({ ok: true, value: url });
});

it.each([
  ['ws://wss-primary.slack.com/link/?ticket=1', 'insecure-url'],
  ['ws://localhost.example.com/', 'insecure-url'],
  ['ws://mylocalhost/', 'insecure-url'],
  ['ws://127.0.0.1.example.com/', 'insecure-url'],
  ['https://wss-primary.slack.com/link/?ticket=1', 'insecure-url'],
  ['http://localhost:1234/', 'insecure-url'],
  ['wss-primary', 'unreadable'],
  ['', 'unreadable'],
  [1, 'unreadable'],
  [null, 'unreadable'],
])('accepts no URL that the payloads must not cross: %s', async (url, kind) => {
  expect(await open({ ok: true, value: { ok: true, url } })).toEqual({ ok: false, failure: { kind } });
});

it('accepts no response without a URL', async () => {
  const unreadable = { ok: false, failure: { kind: 'unreadable' } };
  expect(await open({ ok: true, value: { ok: true } })).toEqual(unreadable);
});

it("returns Slack's error", async () => {
  const failure = { kind: 'http', status: 500 } as const;
  expect(await open({ ok: false, failure })).toEqual({ ok: false, failure });
});
