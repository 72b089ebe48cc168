import { describe, expect, it } from 'vitest';
import {
  browserHeaders,
  detectLoop,
  responseHeaders,
  slackHeaders,
} from '../../../src/server/relay/headers.ts';
import { slackRequest } from '../../support/slack-request.ts';

const ofTheRelay = { 'x-forwarded-proto': 'https', via: '1.1 spacelift-slack' };

describe('the headers that are forwarded for Slack', () => {
  it("are Slack's own and those that describe the body, without what a client added", () => {
    const headers = {
      host: ['slack.example.com'],
      accept: ['*/*'],
      'user-agent': ['Slackbot 1.0'],
      'x-slack-retry-num': ['1', '2'],
      'x-slack-empty': [],
      'not-x-slack-': ['a'],
      'x-forwarded-for': ['203.0.113.9'],
      cookie: ['a=b'],
    };
    const request = slackRequest('{}', { headers });
    expect(slackHeaders(request)).toEqual({
      ...ofTheRelay,
      'content-type': 'application/json',
      accept: '*/*',
      'user-agent': 'Slackbot 1.0',
      'x-slack-request-timestamp': request.headers['x-slack-request-timestamp']?.[0],
      'x-slack-signature': request.headers['x-slack-signature']?.[0],
      'x-slack-retry-num': '1',
      'x-request-id': request.id,
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'slack.example.com',
    });
  });

  it('name neither a client nor a host that is not known', () => {
    const request = { ...slackRequest('{}'), headers: {}, client: undefined };
    expect(slackHeaders(request)).toEqual({ ...ofTheRelay, 'x-request-id': request.id });
  });
});

describe('the headers that are forwarded for a browser', () => {
  it('name the client, the host and the relay', () => {
    const request = slackRequest('', { headers: { host: ['slack.example.com'], via: ['1.1 proxy'] } });
    expect(browserHeaders(request)).toMatchObject({
      ...ofTheRelay,
      'x-request-id': request.id,
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'slack.example.com',
    });
  });
});

describe('the headers of the upstream that are returned', () => {
  it('are those that Node can send, without those that the listener sets itself', () => {
    const headers = {
      'x-ok': 'caf\u00e9\t~',
      'set-cookie': ['a=1', 'b=2'],
      'x-none': undefined,
      'x-control': 'a\u0000b',
      'x-wide': '\u0100',
      'x-half': ['fine', 'a\nb'],
      'content-length': '2',
      'x-request-id': 'other',
      'x-content-type-options': 'none',
      connection: 'keep-alive',
      'keep-alive': 'timeout=5',
    };
    const returned = responseHeaders(headers);
    expect(returned).toEqual({ 'x-ok': 'caf\u00e9\t~', 'set-cookie': ['a=1', 'b=2'] });
    expect(returned).not.toHaveProperty('x-none');
  });
});

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
  it.each([
    ['in the first', ['1.1 spacelift-slack', '1.1 proxy']],
    ['in the last', ['1.1 proxy', '1.1 spacelift-slack']],
    ['among others in the only', ['1.1 proxy, 1.1 spacelift-slack']],
  ])('is detected by a relay %s header Via, and gets 508', (_where, via) => {
    expect(detectLoop(slackRequest('', { headers: { via } }))).toMatchObject({
      response: { status: 508, body: '{"error":"loop_detected"}' },
      outcome: { kind: 'loop', reason: expect.stringContaining('--upstream may point back') },
    });
  });

  it.each([[undefined], ['1.1 proxy']])('is not detected with Via: %s', (via) => {
    const headers = via === undefined ? {} : { via: [via] };
    expect(detectLoop(slackRequest('', { headers }))).toBeUndefined();
  });
});
