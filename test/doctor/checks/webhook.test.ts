import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import type { ChallengeResult, SlackProbe } from '../../../src/doctor/probe/slack-probe.ts';
import { challenged, late, noResponse, page, probe, response } from '../given.ts';
import { run } from '../run-check.ts';

interface Observed {
  readonly unsigned?: ProbeResult;
  readonly ownAgent?: ProbeResult;
  /** The responses to requests that show a certificate, in turn; the last one repeats. */
  readonly withCertificate?: readonly ProbeResult[];
  readonly signed?: ChallengeResult;
  readonly again?: ProbeResult;
  readonly unrouted?: ProbeResult;
}

function judge(observed: Observed, changes: Parameters<typeof run>[1] = {}) {
  const {
    unsigned = response(401),
    ownAgent = unsigned,
    again = unsigned,
    unrouted = response(404),
  } = observed;
  const { withCertificate = [unsigned], signed = challenged('returned', response(200)) } = observed;
  let shown = 0;
  const unsignedFormWith: SlackProbe['unsignedFormWith'] = async (_, change) => {
    if (change === 'own User-Agent') return ownAgent;
    expect(change).toBe('client certificate');
    const result = withCertificate[Math.min(shown, withCertificate.length - 1)] ?? unsigned;
    shown += 1;
    return result;
  };
  const endpoint = probe({
    unsignedForm: async () => unsigned,
    unsignedFormWith,
    freshChallenge: async () => signed,
    form: async (_, signing) => {
      expect(signing).toBe('unsigned');
      return again;
    },
    unroutedForm: async () => unrouted,
  });
  return run('webhook.reachable', { probe: endpoint, ...changes });
}

const noSecret = { usable: {} };
const other = (result: ProbeResult) => challenged('other', result);

describe('webhook.reachable, without a secret to sign with', () => {
  it.each<[ProbeResult, string, RegExp, RegExp?]>([
    [response(401), 'pass', /^an unsigned POST gets 401$/],
    [response(401, { durationMs: 2_999 }), 'pass', /^an unsigned POST gets 401$/],
    [response(401, { durationMs: 3_000 }), 'pass', /^an unsigned POST gets 401, after 3\.0 s$/],
    [
      response(302, { headers: { location: '/login' } }),
      'fail',
      /^redirects \(302\)/,
      /^Let POST \/webhooks\/slack through/,
    ],
    [response(404), 'fail', /not enabled/, /\/webhooks\/slack is routed to the server/],
    [response(405), 'fail', /^405: POST is not allowed on \/webhooks\/slack$/, /pass POST requests/],
    [response(429), 'warn', /^a rate limit responds with 429$/, /^Exempt \/webhooks\/slack/],
    [
      response(503, { headers: { 'retry-after': '1' } }),
      'warn',
      /^the server is overloaded/,
      /^Run doctor again/,
    ],
    [response(503), 'fail', /reaches no server$/, /health check/],
    [response(500), 'fail', /^500: the server fails$/, /^Look at the log of Spacelift's server/],
    [page(403), 'warn', /^a page responds, not an endpoint: 403 with a web page/, /set SLACK_SECRET here/],
    [noResponse({ kind: 'refused' }), 'fail', /^connection refused$/, /load balancer listens on 443/],
  ])('judges %j', async (unsigned, status, detail, hint) => {
    expect(await judge({ unsigned }, noSecret)).toEqual({
      status,
      detail: expect.stringMatching(detail),
      ...(hint && { hint: expect.stringMatching(hint) }),
    });
  });
});

describe('webhook.reachable, with a signed challenge', () => {
  it('passes for an endpoint that hides from unsigned requests', async () => {
    expect(await judge({ unsigned: response(404) })).toEqual({
      status: 'pass',
      detail: 'a signed challenge comes back; an unsigned POST gets 404',
    });
    expect(await judge({ unsigned: response(499) })).toMatchObject({ status: 'pass' });
  });

  it('warns about a server that fails on unsigned requests', async () => {
    expect(await judge({ unsigned: response(500) })).toMatchObject({
      status: 'warn',
      detail: 'a signed challenge comes back; an unsigned POST gets 500',
      hint: expect.stringMatching(/^Look at the log of the server/),
    });
  });

  it('warns about a server that does not respond to unsigned requests', async () => {
    expect(await judge({ unsigned: late })).toMatchObject({
      status: 'warn',
      detail: 'a signed challenge comes back; an unsigned POST gets none: no response within 6 s',
      hint: expect.stringContaining('Reject such a request with 401'),
    });
    expect(await judge({ unsigned: late, signed: challenged('rejected', response(401)) })).toMatchObject({
      status: 'warn',
      detail: 'a signed challenge gets 401; an unsigned POST gets none: no response within 6 s',
    });
  });

  it('fails if nothing gets a response', async () => {
    expect(await judge({ unsigned: late, signed: other(late), unrouted: late })).toMatchObject({
      status: 'fail',
      detail: 'no response within 6 s',
    });
    expect(
      await judge({ unsigned: late, signed: challenged('rejected', late), unrouted: late }),
    ).toMatchObject({ status: 'fail' });
  });

  it.each([
    [{}, /^Compare SLACK_SECRET here/],
    [noSecret, /^Set SLACK_SECRET here/],
  ])('tells an endpoint that hangs by another path that does not', async (changes, hint) => {
    expect(await judge({ unsigned: late, ownAgent: late, signed: other(late) }, changes)).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^no response within 6 s, but another path gets 404: the endpoint never/),
      hint: expect.stringMatching(hint),
    });
  });

  it.each([
    noResponse({ kind: 'refused' }),
    noResponse({ kind: 'timed-out', stage: 'connection', seconds: 5 }),
  ])('does not compare with another path after $failure', async (unsigned) => {
    const result = await judge({ unsigned, signed: other(unsigned) });
    expect(result.status).toBe('fail');
    expect(result.detail).not.toContain('another path');
  });
});

describe('the catch-all page of a front end', () => {
  const app = page(200, '<!doctype html><title>App</title>');

  it('is recognised by what another path gets', async () => {
    expect(await judge({ unsigned: app, signed: other(app), unrouted: app })).toMatchObject({
      status: 'fail',
      detail: 'the catch-all page of a front end responds: every path gets 200 with a web page, "App"',
      hint: expect.stringContaining('ahead of the rule that catches all paths'),
    });
  });

  it.each<[string, ProbeResult, ProbeResult]>([
    ['asks for a login', page(200, '<!doctype html>Sign in'), page(200, '<!doctype html>Sign in')],
    ['is not what another path gets', app, response(404)],
    ['has another status', page(300), page(300)],
    ['is no page', response(500), response(500)],
  ])('is not what %s', async (_, unsigned, unrouted) => {
    const result = await judge({ unsigned, signed: other(unsigned), unrouted });
    expect(result.detail).not.toContain('catch-all');
  });
});

describe('a firewall that blocks bots', () => {
  const blocked = response(403);

  it.each<[ProbeResult, RegExp]>([
    [
      blocked,
      /^a POST with Slack's User-Agent gets 403, with another one 401: a firewall blocks "Slackbot"$/,
    ],
    [late, /gets no response \(no response within 6 s\), with another one 401/],
    [page(200), /gets 200 with a web page, "Welcome", with another one 401/],
  ])('is recognised by what another User-Agent gets: %j', async (unsigned, detail) => {
    expect(await judge({ unsigned, ownAgent: response(401), signed: other(unsigned) })).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(detail),
      hint: 'Exempt /webhooks/slack from the rules that block bots.',
    });
  });

  it.each<[string, Observed]>([
    ['the signed challenge comes back', { signed: challenged('returned', response(200)) }],
    ['the other one gets no response', { ownAgent: late }],
    ['the other one is rate limited', { ownAgent: response(429) }],
    ['the other one gets a page', { ownAgent: page(401) }],
    ['the other one meets a server that fails', { ownAgent: response(500) }],
    ['both get the same status', { ownAgent: blocked }],
    ['the difference does not last', { again: response(401) }],
    ['the first one was rate limited', { unsigned: response(429), again: response(429) }],
    ['the first one got what an endpoint responds', { unsigned: response(400), again: response(400) }],
  ])('is not assumed if %s', async (_, observed) => {
    const result = await judge({
      unsigned: blocked,
      ownAgent: response(401),
      signed: other(blocked),
      ...observed,
    });
    expect(result.detail).not.toContain('Slackbot');
  });
});

describe('a server that asks for a client certificate', () => {
  it.each<[ProbeResult, RegExp]>([
    [response(400), /and one that it does not know gets 400: Slack presents its own certificate/],
    [noResponse({ kind: 'reset' }), /gets no response \(the connection was closed/],
    [page(401), /gets 401 with a web page/],
  ])('is a warning if it rejects one that it does not know: %j', async (rejected, detail) => {
    expect(await judge({ withCertificate: [rejected] })).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(detail),
      hint: expect.stringContaining('Do not ask for client certificates'),
    });
  });

  it.each<[string, Observed, Parameters<typeof run>[1]]>([
    ['it is rate limited', { withCertificate: [response(429)] }, {}],
    ['the difference does not last', { withCertificate: [response(400), response(401)] }, {}],
    ['a relay calls, which shows none', { withCertificate: [response(400)] }, { socketMode: true }],
  ])('passes if %s', async (_, observed, changes) => {
    expect(await judge(observed, changes)).toMatchObject({ status: 'pass' });
  });
});
