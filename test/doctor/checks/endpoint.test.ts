import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import type { SlackProbe } from '../../../src/doctor/probe/slack-probe.ts';
import {
  challenged,
  domain,
  host,
  late,
  network,
  noResponse,
  page,
  probe,
  response,
  secret,
} from '../given.ts';
import { run } from '../run-check.ts';

const noSecret = { usable: {} };

describe('webhook.latency', () => {
  const times = (first: number, second: number) => ({
    probe: probe({
      freshChallenge: async () => challenged('returned', response(200, { durationMs: first })),
      challenge: async (_, signing, options) => {
        // A fast response needs no second request.
        expect(first).toBeGreaterThanOrEqual(2_000);
        expect(signing).toEqual({ secret, offsetSeconds: 0 });
        expect(options).toEqual({ turn: 'alone' });
        return challenged('returned', response(200, { durationMs: second }));
      },
    }),
  });

  it.each([
    [100, 9_999, 'pass', 'the response took 100 ms'],
    [999.4, 9_999, 'pass', 'the response took 999 ms'],
    [1_000, 9_999, 'pass', 'the response took 1.0 s'],
    [1_999, 9_999, 'pass', 'the response took 2.0 s'],
    [2_000, 100, 'pass', 'the response took 100 ms'],
    [2_000, 1_999, 'pass', 'the response took 2.0 s'],
    [2_000, 2_500, 'warn', "the response took 2.0 s, close to Slack's 3 s"],
    [2_999, 2_000, 'warn', "the response took 2.0 s, close to Slack's 3 s"],
    [2_999, 3_500, 'warn', "the response took 3.0 s, close to Slack's 3 s"],
    [3_000, 2_999, 'warn', 'the first response took 3.0 s, the next one 3.0 s'],
    [4_000, 100, 'warn', 'the first response took 4.0 s, the next one 100 ms'],
    [3_000, 3_000, 'fail', 'the response took 3.0 s, and Slack waits 3 s'],
    [5_000, 4_000, 'fail', 'the response took 4.0 s, and Slack waits 3 s'],
  ])('judges a response after %d ms, and another after %d ms', async (first, second, status, detail) => {
    const result = await run('webhook.latency', times(first, second));
    const hint = /, the next one/.test(detail) ? /^Keep the server warm/ : /^Find out what takes the time/;
    expect(result).toEqual({
      status,
      detail,
      ...(status !== 'pass' && { hint: expect.stringMatching(hint) }),
    });
  });

  it('measures a form if there is no secret to sign with', async () => {
    const slow = (durationMs: number) => response(401, { durationMs });
    const endpoint = probe({
      unsignedForm: async () => slow(2_500),
      form: async (_, signing, turn) => {
        expect([signing, turn]).toEqual(['unsigned', 'alone']);
        return slow(300);
      },
    });
    expect(await run('webhook.latency', { ...noSecret, probe: endpoint })).toMatchObject({
      status: 'pass',
      detail: 'the response took 300 ms',
    });
  });

  it('knows nothing after a rate limit, and fails without a response', async () => {
    const first = (result: ProbeResult) => ({
      probe: probe({ freshChallenge: async () => challenged('other', result) }),
    });
    expect(await run('webhook.latency', first(response(429)))).toMatchObject({
      status: 'warn',
      detail: 'not known: a rate limit responds with 429 to the request',
    });
    expect(await run('webhook.latency', first(late))).toMatchObject({
      status: 'fail',
      detail: 'no response within 6 s',
    });
    const second = probe({
      freshChallenge: async () => challenged('returned', response(200, { durationMs: 2_500 })),
      challenge: async () => challenged('other', late),
    });
    expect(await run('webhook.latency', { probe: second })).toMatchObject({ status: 'fail' });
  });
});

describe('clock.skew', () => {
  const dated = (clockSkewSeconds: number | undefined, status = 401) =>
    response(status, { clockSkewSeconds });
  const skewed = (seconds: number | undefined, more: Partial<SlackProbe> = {}) =>
    probe({ unsignedForm: async () => dated(seconds), ...more });

  it.each([
    [0, 'pass', "the server's clock agrees with this machine's"],
    [1, 'pass', "the server's clock is 1 s ahead of this machine's"],
    [-60, 'pass', "the server's clock is 60 s behind this machine's"],
    [61, 'warn', "the server's clock is 61 s ahead of this machine's"],
    [-119, 'warn', "the server's clock is 119 s behind this machine's"],
    [120, 'warn', "the server's clock is 2 minutes ahead of this machine's"],
    [300, 'warn', "the server's clock is 5 minutes ahead of this machine's"],
    [-3_600, 'warn', "the server's clock is 1 hour behind this machine's"],
    [7_200, 'warn', "the server's clock is 2 hours ahead of this machine's"],
    [undefined, 'skip', 'the response has no Date header to compare with'],
  ])('judges a Date that is %s s off although a signature is accepted', async (seconds, status, detail) => {
    expect(await run('clock.skew', { probe: skewed(seconds) })).toMatchObject({ status, detail });
  });

  it.each([
    [301, 'fail', '5 minutes ahead of'],
    [-301, 'fail', '5 minutes behind'],
    [300, 'warn', '5 minutes ahead of'],
    [-300, 'warn', '5 minutes behind'],
  ])('with a Date that is %d s off, an unaccepted signature is a %s', async (seconds, status, offset) => {
    const freshChallenge = async () => challenged('other', response(500));
    expect(await run('clock.skew', { probe: skewed(seconds, { freshChallenge }) })).toMatchObject({
      status,
      detail: `the server's clock is ${offset} this machine's`,
    });
  });

  it.each([challenged('returned', response(200)), challenged('other', response(500))])(
    'looks for no other clock unless a signature is rejected: $kind',
    async (fresh) => {
      const rejectionCause = () => Promise.reject(new Error('not asked for'));
      const given = { probe: skewed(0, { freshChallenge: async () => fresh }), rejectionCause };
      expect(await run('clock.skew', given)).toMatchObject({ status: 'pass' });
      expect(await run('clock.skew', { ...given, ...noSecret })).toMatchObject({ status: 'pass' });
    },
  );

  it('fails if a rejected signature is accepted with another time', async () => {
    const freshChallenge = async () => challenged('rejected', dated(0));
    const off = (offsetSeconds: number) =>
      run('clock.skew', {
        probe: skewed(0, { freshChallenge }),
        rejectionCause: async () => ({ kind: 'clock', offsetSeconds }),
      });
    expect(await off(-600)).toMatchObject({
      status: 'fail',
      detail:
        "the server's clock is about 10 minutes behind this machine's: only a request of that time is accepted",
      hint: expect.stringContaining('NTP'),
    });
    expect(await off(7_200)).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/about 2 hours ahead of .*mistakes its local time for UTC$/),
      hint: expect.stringContaining('time zone'),
    });
  });

  it('passes if a signature is rejected for another reason', async () => {
    const freshChallenge = async () => challenged('rejected', dated(0));
    expect(await run('clock.skew', { probe: skewed(0, { freshChallenge }) })).toMatchObject({
      status: 'pass',
    });
  });

  it('reads the clock from the challenge if the form has no response', async () => {
    const silent = {
      unsignedForm: async () => late,
      freshChallenge: async () => challenged('returned', dated(90, 200)),
    };
    expect(await run('clock.skew', { probe: probe(silent) })).toMatchObject({ status: 'warn' });
    expect(await run('clock.skew', { probe: probe(silent), ...noSecret })).toMatchObject({ status: 'skip' });
  });
});

describe('oauth.reachable', () => {
  const visit = (result: ProbeResult) => ({ probe: probe({ redirectTarget: async () => result }) });
  const to = (location: string) => response(302, { headers: { location } });

  it.each<[ProbeResult, string, RegExp, RegExp?]>([
    [response(400), 'pass', /^a visit without a code gets 400$/],
    [page(200), 'pass', /^a visit without a code gets 200 and a page$/],
    [to('/login'), 'pass', /gets 302$/],
    [to(`https://${host}/login`), 'pass', /gets 302$/],
    [to('https://['), 'pass', /gets 302$/],
    [response(302), 'pass', /gets 302$/],
    [to('https://login.example.com/'), 'warn', /^redirects \(302\) to "https:\/\/login\.example\.com\/"$/],
    [
      response(300, { headers: { location: 'https://a.example' } }),
      'warn',
      /^redirects \(300\)/,
      /sends the browser back with code and state/,
    ],
    [response(400, { headers: { location: 'https://a.example' } }), 'pass', /gets 400$/],
    [response(299, { headers: { location: 'https://a.example' } }), 'pass', /gets 299$/],
    [response(500), 'warn', /^a visit without a code gets 500$/, /^Look at the log of the server; a visit/],
    [response(405), 'fail', /^405: GET is not allowed on \/slack_oauth$/, /pass GET requests/],
    [response(200, { cutOff: true }), 'warn', /^a visit without a code gets 200$/],
    [response(404), 'fail', /not enabled, not restarted, or the wrong path$/],
    [
      response(403, { body: 'RBAC: access denied' }),
      'fail',
      /^Envoy or Istio responds in the place of/,
      /^Have the gateway forward GET \/slack_oauth/,
    ],
    [response(429), 'warn', /to a visit without a code$/],
    [noResponse({ kind: 'refused' }), 'fail', /^connection refused$/],
  ])('judges %j', async (result, status, detail, hint = /^/) => {
    const judged = await run('oauth.reachable', visit(result));
    expect(judged).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(judged.hint ?? '').toMatch(hint);
  });

  describe('on a host of its own, which may be private', () => {
    const target = { domain: domain('inside.example.com'), webhookDomain: domain(host) };
    const judge = (result: ProbeResult) =>
      run('oauth.reachable', { target, ...visit(result) }, { ownHost: true });

    it.each<[ProbeResult, string, RegExp]>([
      [response(400), 'pass', /^a visit without a code gets 400$/],
      [response(404), 'warn', /the wrong path$/],
      [response(500), 'warn', /gets 500$/],
      [
        noResponse({ kind: 'reset' }),
        'skip',
        /^inside\.example\.com cannot be reached from here \(the connection was closed .*\); it need not be public/,
      ],
    ])('judges %j', async (result, status, detail) => {
      expect(await judge(result)).toMatchObject({ status, detail: expect.stringMatching(detail) });
    });

    it('skips if the host cannot be reached', async () => {
      const judgeAt = (handshakes: ReturnType<typeof network>['handshakes']) =>
        run('oauth.reachable', { target, network: network({ handshakes }) }, { ownHost: true });
      expect(await judgeAt(async () => [])).toMatchObject({
        status: 'skip',
        detail: expect.stringContaining('(its name does not resolve)'),
      });
      const handshake = { connected: false, failure: { kind: 'refused' } } as const;
      expect(
        await judgeAt(async (name) => {
          expect(name).toBe('inside.example.com');
          return [{ peer: { address: '10.0.0.1', port: 443 }, handshake }];
        }),
      ).toMatchObject({ status: 'skip', detail: expect.stringContaining('(connection refused)') });
    });
  });
});
