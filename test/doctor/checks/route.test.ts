import { describe, expect, it } from 'vitest';
import { failedConnection } from '../../../src/doctor/checks/failed-connection.ts';
import { describeRateLimit, judgeRoute, warnOfRateLimit } from '../../../src/doctor/checks/route.ts';
import { isRateLimit } from '../../../src/doctor/probe/pacing.ts';
import type { ConnectionFailure } from '../../../src/net/connection-failure.ts';
import { response } from '../given.ts';

describe('judgeRoute', () => {
  it.each([
    [404, /not enabled, not restarted, or the wrong path$/, /^Set the three variables/],
    [410, /not enabled, not restarted, or the wrong path$/, /^Set the three variables/],
    [405, /POST is not allowed on \/webhooks\/slack$/, /pass POST requests/],
    [100, /not a response to a POST$/, /^Check the proxy or cache/],
    [199, /not a response to a POST$/, /^Check the proxy or cache/],
    [304, /not a response to a POST$/, /^Check the proxy or cache/],
    [421, /does not serve this host$/, /^Configure the host/],
    [502, /reaches no server$/, /health check/],
    [503, /reaches no server$/, /health check/],
    [504, /reaches no server$/, /health check/],
  ])('fails for %d', (status, detail, hint) => {
    expect(judgeRoute(response(status), 'POST', '/webhooks/slack')).toEqual({
      status: 'fail',
      detail: expect.stringMatching(new RegExp(`^${status}: .*${detail.source}`)),
      hint: expect.stringMatching(hint),
    });
  });

  it.each([200, 204, 302, 400, 401, 403, 422, 500, 501, 505])(
    'takes %d for a response of the server behind the route',
    (status) => {
      expect(judgeRoute(response(status), 'POST', '/webhooks/slack')).toBeUndefined();
    },
  );
});

describe('a rate limit', () => {
  const limit = (status: number, headers = {}) => {
    const result = response(status, { headers });
    if (!isRateLimit(result)) throw new Error(`${status} is no rate limit`);
    return result;
  };

  it('is told from an overloaded server', () => {
    expect(describeRateLimit(limit(429))).toEqual({
      detail: 'a rate limit responds with 429',
      hint: expect.stringContaining('Exempt /webhooks/slack'),
    });
    expect(describeRateLimit(limit(503, { 'retry-after': '5' }))).toEqual({
      detail: 'the server is overloaded: 503, with Retry-After',
      hint: expect.stringContaining('Run doctor again'),
    });
  });

  it('says nothing about the request', () => {
    expect(warnOfRateLimit('a request', limit(429))).toEqual({
      status: 'warn',
      detail: 'not known: a rate limit responds with 429 to a request',
      hint: expect.stringContaining('Exempt'),
    });
  });
});

describe('failedConnection', () => {
  const code = 'X';
  it.each<[ConnectionFailure, RegExp]>([
    [{ kind: 'refused' }, /load balancer listens on 443/],
    [{ kind: 'reset' }, /log of the proxy or load balancer/],
    [{ kind: 'no-route' }, /from a machine that reaches the address/],
    [{ kind: 'headers-too-large' }, /no endpoint for Slack sends that many headers/],
    [{ kind: 'mutual-tls' }, /--skip endpoint,signature/],
    [{ kind: 'handshake-rejected', code }, /Offer TLS 1\.2 and 1\.3/],
    [{ kind: 'not-tls' }, /port 443 speaks TLS/],
    [{ kind: 'tls', code }, /port 443 speaks TLS/],
    [{ kind: 'not-http' }, /^Check what listens on port 443\.$/],
    [{ kind: 'other', code }, /^Check what listens on port 443\.$/],
    [{ kind: 'timed-out', stage: 'connection', seconds: 5 }, /packets to port 443 are dropped/],
    [{ kind: 'timed-out', stage: 'handshake', seconds: 5 }, /accepts connections and sends nothing/],
    [{ kind: 'timed-out', stage: 'response', seconds: 6 }, /accepts the request and does not respond/],
  ])('says where to look after %j', (failure, hint) => {
    expect(failedConnection(failure)).toEqual({
      status: 'fail',
      detail: expect.stringMatching(/./),
      hint: expect.stringMatching(hint),
    });
  });
});
