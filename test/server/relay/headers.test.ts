import { describe, expect, it } from 'vitest';
import { browserHeaders, detectLoop, responseHeaders } from '../../../src/server/relay/headers.ts';
import { slackRequest } from '../../support/slack-request.ts';

describe('headers that Connection names', () => {
  it('are not returned with a response, nor is Connection itself', () => {
    const headers = {
      connection: 'close, X-Internal',
      'x-internal': 'a',
      'keep-alive': 'timeout=5',
      'x-kept': 'b',
    };
    expect(responseHeaders(headers)).toEqual({ 'x-kept': 'b' });
  });

  it('are not forwarded with a request of a browser', () => {
    const headers = { connection: ['keep-alive, Cookie'], cookie: ['a=b'], accept: ['text/html'] };
    const forwarded = browserHeaders(slackRequest('', { headers }));
    expect(forwarded).not.toHaveProperty('cookie');
    expect(forwarded).not.toHaveProperty('connection');
    expect(forwarded).toMatchObject({ accept: ['text/html'] });
  });
});

describe('a loop', () => {
  it.each([['1.1 spacelift-slack'], ['1.1 proxy, 1.1 spacelift-slack']])(
    'is detected by Via: %s, and gets 508',
    (via) => {
      expect(detectLoop(slackRequest('', { headers: { via: [via] } }))).toMatchObject({
        response: { status: 508 },
        outcome: { kind: 'loop' },
      });
    },
  );

  it.each([[undefined], ['1.1 proxy']])('is not detected with Via: %s', (via) => {
    expect(
      detectLoop(slackRequest('', { headers: { via: via === undefined ? [] : [via] } })),
    ).toBeUndefined();
  });
});
