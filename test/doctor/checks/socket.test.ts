import { describe, expect, it } from 'vitest';
import { unreachable, withoutTicket } from '../../../src/doctor/checks/socket.ts';
import type { SocketUrlFailure } from '../../../src/slack/api/socket-url.ts';
import { secret } from '../given.ts';
import { run } from '../run-check.ts';

const token = `xapp-1-A0123456789-1234567890123-${'0a'.repeat(32)}`;
const socketMode = { socketMode: true };
const given = (changes: { token?: string; appId?: string; failure?: SocketUrlFailure }) => ({
  socket: {
    token: changes.token,
    appId: changes.appId,
    getUrl: async () =>
      changes.failure === undefined
        ? ({ ok: true, value: 'wss://wss-primary.slack.com/?ticket=hush' } as const)
        : ({ ok: false, failure: changes.failure } as const),
    env: {},
    signal: new AbortController().signal,
  },
});

describe('socket.token', () => {
  it.each([
    [{ token }, 'pass', 'an app-level token of the app A0123456789'],
    [{ token, appId: 'A0123456789' }, 'pass', 'an app-level token of the app A0123456789'],
    [{}, 'fail', 'SLACK_APP_TOKEN is not set'],
    [{ token: secret }, 'fail', 'SLACK_APP_TOKEN holds the signing secret, not an app-level token (xapp-…)'],
    [
      { token, appId: 'A9999999999' },
      'fail',
      'SLACK_APP_TOKEN is a token of the app A0123456789, not of A9999999999',
    ],
  ])('judges %j', async (changes, status, detail) => {
    expect(await run('socket.token', given(changes), socketMode)).toMatchObject({ status, detail });
  });
});

describe('socket.enabled', () => {
  const judge = (failure?: SocketUrlFailure) =>
    run('socket.enabled', given(failure === undefined ? { token } : { token, failure }), socketMode);

  it('passes if Slack gives a URL, which is not shown', async () => {
    const result = await judge();
    expect(result).toEqual({
      status: 'pass',
      detail: 'apps.connections.open succeeded: the token is valid, and Socket Mode is on',
    });
  });

  it.each<[SocketUrlFailure, RegExp, RegExp]>([
    [{ kind: 'insecure-url' }, /^Slack gave a WebSocket URL that is not wss:$/, /--slack-api-url/],
    [
      { kind: 'refused', error: 'socket_mode_not_enabled', body: {} },
      /^could not get a WebSocket URL: Slack returned socket_mode_not_enabled$/,
      /^Turn Socket Mode on/,
    ],
    [
      { kind: 'http', status: 500 },
      /^could not get a WebSocket URL: https:\/\/slack\.com returned HTTP status 500$/,
      /slack-status\.com/,
    ],
  ])('fails for %j', async (failure, detail, hint) => {
    expect(await judge(failure)).toEqual({
      status: 'fail',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
    });
  });
});

describe('socket.reachable', () => {
  it.each([
    ['wss://wss-primary.slack.com/link/?ticket=hush', 'https://wss-primary.slack.com/'],
    ['wss://wss-primary.slack.com:8443/?ticket=hush', 'https://wss-primary.slack.com:8443/'],
    ['ws://127.0.0.1:8080/?ticket=hush', 'http://127.0.0.1:8080/'],
  ])('connects to the host of %s without its ticket', (url, address) => {
    expect(withoutTicket(url)).toBe(address);
  });

  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'connection refused'],
    [new DOMException('x', 'TimeoutError'), 'no response within 8 s'],
  ])('says why it was not reached: %s', (error, reason) => {
    expect(unreachable('wss-primary.slack.com', error)).toEqual({
      status: 'fail',
      detail: `cannot connect to wss-primary.slack.com: ${reason}`,
      hint: expect.stringMatching(/^Allow wss-primary\.slack\.com .*HTTPS_PROXY\.$/),
    });
  });
});

it('socket.reachable skips without a URL', async () => {
  expect(await run('socket.reachable', given({ failure: { kind: 'unreadable' } }), socketMode)).toEqual({
    status: 'skip',
    detail: 'there is no WebSocket URL',
  });
});
