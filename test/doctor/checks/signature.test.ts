import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../../src/doctor/catalogue/catalogue.ts';
import type { ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import type { RejectionCause } from '../../../src/doctor/probe/rejection-cause.ts';
import type { ChallengeResult, SlackProbe } from '../../../src/doctor/probe/slack-probe.ts';
import { challenged, late, page, probe, response, secret } from '../given.ts';
import { run } from '../run-check.ts';

const limited = response(429);

describe('signature.challenge', () => {
  const judge = (fresh: ChallengeResult, changes: Parameters<typeof run>[1] = {}) =>
    run('signature.challenge', { probe: probe({ freshChallenge: async () => fresh }), ...changes });

  it.each<[ChallengeResult, string, RegExp, RegExp?]>([
    [challenged('returned', response(200)), 'pass', /^the challenge came back$/],
    [
      challenged('returned', response(200, { headers: { 'content-type': 'text/html' } })),
      'warn',
      /^the challenge came back ./,
    ],
    [challenged('other', late), 'fail', /^no response within 6 s$/, /^Look at the log of the server/],
    [challenged('rejected', limited), 'warn', /^not known: .* 429 to a signed challenge$/],
    [
      challenged('other', page(200)),
      'fail',
      /^a login or challenge page responds/,
      /^Let JSON requests through/,
    ],
    [challenged('other', response(302)), 'fail', /^redirects \(302\) to nowhere/],
    [challenged('other', response(200)), 'fail', /^the response is 200, but its body is not the challenge$/],
    [
      challenged('other', response(500)),
      'fail',
      /^a correctly signed challenge gets 500$/,
      /^Return 200 and the value of "challenge" from \/webhooks\/slack/,
    ],
  ])('judges %j', async (fresh, status, detail, hint = /^/) => {
    const result = await judge(fresh);
    expect(result).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(result.hint === undefined).toBe(status === 'pass');
    expect(result.hint ?? '').toMatch(hint);
  });

  const rejectedFor = (
    cause: RejectionCause,
    { rejection = response(401), ...changes }: Parameters<typeof run>[1] & { rejection?: ProbeResult } = {},
  ) => judge(challenged('rejected', rejection), { rejectionCause: async () => cause, ...changes });

  it.each<[RejectionCause, string, RegExp, RegExp]>([
    [
      { kind: 'json-rewritten' },
      'is rejected with 401 if its JSON has escapes',
      /parses the body and writes it again$/,
      /byte for byte/,
    ],
    [
      { kind: 'body-dropped' },
      'is rejected with 401, and a signature over an empty body is not',
      /the body does not reach the verifier$/,
      /, with its body\.$/,
    ],
    [
      { kind: 'headers-dropped' },
      'is rejected with 401, and the response reports missing headers',
      /drops X-Slack-Signature or X-Slack-Request-Timestamp$/,
      /with these two headers/,
    ],
    [
      { kind: 'every-path' },
      'is rejected with 401, and a path that does not exist gets the same response',
      /not what the deployment verifies with on every path$/,
      /if nothing is in front, compare SLACK_SECRET/,
    ],
  ])('names the cause of a rejection: $kind', async (cause, begin, end, hint) => {
    expect(await rejectedFor(cause)).toEqual({
      status: 'fail',
      detail: expect.stringMatching(new RegExp(`^a correctly signed challenge ${begin}.*${end.source}`)),
      hint: expect.stringMatching(hint),
    });
  });

  it('names the secret that the deployment verifies with', async () => {
    expect(await rejectedFor({ kind: 'secret', detail: 'it has quotes', hint: 'Remove them.' })).toEqual({
      status: 'fail',
      detail: 'rejected with 401: it has quotes',
      hint: 'Remove them.',
    });
  });

  it('leaves a wrong clock to clock.skew, unless that is not part of the run', async () => {
    const cause = { kind: 'clock', offsetSeconds: 600 } as const;
    expect(await rejectedFor(cause)).toEqual({
      status: 'skip',
      detail: 'not known: the clock of the deployment is wrong; see clock.skew',
    });
    expect(await rejectedFor(cause, { runs: new Set<CheckId>(['signature.challenge']) })).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('about 10 minutes ahead of'),
    });
  });

  const unknown = (unsigned: 'alike' | 'different') => ({ kind: 'unknown', unsigned }) as const;
  const mismatch =
    'a correctly signed challenge is rejected with 401: SLACK_SECRET here is not what the deployment verifies with';

  it.each<[string, RejectionCause, Parameters<typeof rejectedFor>[1], string]>([
    ['nothing else is known', unknown('different'), {}, mismatch],
    [
      'an unsigned request gets the same response',
      unknown('alike'),
      {},
      `${mismatch}; less likely, a proxy drops the X-Slack-* headers or changes the body`,
    ],
    [
      'another file holds another value',
      unknown('different'),
      { shadowed: { signingSecret: '.env' } },
      `${mismatch} (.env holds a different value)`,
    ],
    [
      'the status is 400',
      unknown('different'),
      { rejection: response(400) },
      `${mismatch.replace('401', '400')}; less likely, it does not understand the challenge`,
    ],
    [
      'the status is 400, unsigned too',
      unknown('alike'),
      { rejection: response(400) },
      `${mismatch.replace('401', '400')}; less likely, it does not understand the challenge, or a proxy drops the X-Slack-* headers or changes the body`,
    ],
    [
      'the response is a page',
      unknown('alike'),
      { rejection: page(403) },
      'a correctly signed challenge is rejected with 403 with a web page, "Welcome": probably a firewall or proxy in front',
    ],
  ])('suspects the secret first: %s', async (_, cause, changes, detail) => {
    expect(await rejectedFor(cause, changes)).toEqual({
      status: 'fail',
      detail,
      hint: expect.stringMatching(/SLACK_SECRET|Signing Secret/),
    });
  });
});

describe('a check that signs', () => {
  const signing = ['signature.challenge', 'signature.form', 'signature.rejects-stale'] as const;

  it.each(signing)('%s skips without a secret', async (id) => {
    expect(await run(id, { usable: {} })).toEqual({
      status: 'skip',
      detail: 'no signing secret is set here to sign with',
      hint: expect.stringContaining('--env-file'),
    });
  });

  const finding = {
    check: 'env.mix-up',
    severity: 'error',
    part: 'signingSecret',
    message: 'SLACK_SECRET looks like a bot or user token (xox)',
    hint: 'Copy the Signing Secret.',
  } as const;
  const mistaken = { usable: {}, mistakes: { signingSecret: finding } };

  it.each(signing)('%s does not try a value that is something else', async (id) => {
    expect(await run(id, mistaken)).toEqual({ status: 'skip', detail: `not tried: ${finding.message}` });
  });

  it('is reported once if env.mix-up is not part of the run', async () => {
    const runs = new Set<CheckId>(signing);
    const results = await Promise.all(signing.map((id) => run(id, { ...mistaken, runs })));
    expect(results).toEqual([
      { status: 'fail', detail: finding.message, hint: finding.hint, inputAtFault: true },
      { status: 'skip', detail: `not tried: ${finding.message}` },
      { status: 'skip', detail: `not tried: ${finding.message}` },
    ]);
  });
});

describe('signature.form', () => {
  interface Forms {
    readonly right?: ProbeResult;
    readonly wrong?: ProbeResult;
    readonly unsigned?: ProbeResult;
    readonly challenge?: ProbeResult;
  }
  const judge = ({ right = response(200), wrong = response(401), unsigned = wrong, challenge }: Forms) =>
    run('signature.form', {
      probe: probe({
        form: async (_, signing) => {
          expect(signing).toEqual({ secret, offsetSeconds: 0 });
          return right;
        },
        forgedForm: async () => wrong,
        unsignedForm: async () => unsigned,
        freshChallenge: async () => challenged('returned', challenge ?? response(200)),
      }),
    });

  it.each<[Forms, RegExp]>([
    [{}, /^a signed form gets 200, a forged one 401$/],
    [{ wrong: response(403) }, /a forged one 403$/],
    [{ wrong: response(300) }, /a forged one 300$/],
    [{ right: response(400) }, /^a signed form gets 400, a forged one 401$/],
    [{ right: response(422), wrong: response(400) }, /^a signed form gets 422, a forged one 400$/],
    [{ right: response(499), wrong: response(400) }, /^a signed form gets 499/],
  ])('passes for %j', async (forms, detail) => {
    expect(await judge(forms)).toEqual({ status: 'pass', detail: expect.stringMatching(detail) });
  });

  it.each<[Forms, RegExp]>([
    [{ right: page(200) }, /^a signed form does not arrive, although JSON does: a login or challenge page/],
    [{ right: page(403) }, /^a correctly signed form is rejected with 403 with a web page.*firewall/],
    [
      { right: response(401) },
      /^a correctly signed form is rejected with 401, although JSON passes: its body/,
    ],
    [{ right: response(405) }, /^forms are not accepted: 405$/],
    [{ right: response(413) }, /^forms are not accepted: 413$/],
    [{ right: response(415) }, /^forms are not accepted: 415$/],
    [{ right: response(404), wrong: response(404) }, /^forms are not accepted: 404$/],
    [{ right: response(410), wrong: response(400) }, /^forms are not accepted: 410$/],
    [
      { right: response(503, { body: '{"error":"upstream_unavailable"}' }) },
      /^the relay accepts a signed form, but Spacelift behind it gives no usable response: 503$/,
    ],
    [{ right: response(502) }, /^a signed form reaches no server, although JSON passes: 502$/],
    [{ right: response(503), wrong: response(503) }, /reaches no server, although JSON passes: 503$/],
    [{ right: page(504) }, /reaches no server, although JSON passes: 504 with a web page/],
    [{ right: response(508) }, /^a signed form comes back to the relay that forwards it: 508$/],
    [{ right: response(504, { durationMs: 5_000 }), wrong: late }, /reaches no server.*: 504$/],
    [{ right: response(502), wrong: response(200) }, /random secret is accepted with 200$/],
    [{ wrong: response(200) }, /^a form that is signed with a random secret is accepted with 200$/],
    [{ wrong: response(299) }, /accepted with 299$/],
    [{ right: response(405), wrong: response(204) }, /accepted with 204$/],
    [{ right: late, wrong: response(200) }, /accepted with 200$/],
    [{ right: late, wrong: late }, /^no form gets a response within 3 s/],
    [
      { right: response(200, { durationMs: 3_000 }), wrong: late },
      /^no form gets a response within 3 s, signed correctly or not, although JSON does$/,
    ],
  ])('fails for %j', async (forms, detail) => {
    expect(await judge(forms)).toEqual({
      status: 'fail',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(/./),
    });
  });

  it.each<[Forms, RegExp]>([
    [{ right: limited }, /^not known: .* 429 to a signed form$/],
    [{ right: response(400), wrong: response(400) }, /: nothing shows that forms are verified$/],
    [{ right: late, wrong: response(500) }, /^a signed form gets no response .*nothing shows/],
    [
      { right: late, wrong: response(401) },
      /^a signed form gets no response \(no response within 6 s\), a forged one 401$/,
    ],
    [
      { right: response(500), wrong: response(401) },
      /^a signed form gets 500, a forged one 401: the server behind fails, or fails on this form alone/,
    ],
    [{ right: response(501), wrong: response(501) }, /a forged one 501: the server behind fails/],
    [{ right: response(503, { headers: { 'retry-after': '1' } }) }, /^not known: .* to a signed form$/],
    [{ right: response(200), wrong: late }, /a forged one no response/],
    [{ right: late, wrong: late, challenge: late }, /nothing shows that forms are verified$/],
    [
      { right: late, wrong: late, challenge: response(200, { durationMs: 3_000 }) },
      /nothing shows that forms are verified$/,
    ],
    [{ right: late, wrong: late, unsigned: response(401) }, /nothing shows that forms are verified$/],
    [
      { right: response(200, { durationMs: 2_999 }), wrong: late },
      /^a signed form gets 200, a forged one no response/,
    ],
  ])('warns for %j', async (forms, detail) => {
    expect(await judge(forms)).toEqual({
      status: 'warn',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(/./),
    });
  });

  it('knows nothing if the forged form meets a rate limit', async () => {
    for (const right of [response(200), response(404)]) {
      expect(await judge({ right, wrong: limited })).toMatchObject({
        status: 'warn',
        detail: 'not known: a rate limit responds with 429 to a forged form',
      });
    }
  });

  it('takes a missing handler for the end of a signed form if a forged one is rejected', async () => {
    expect(await judge({ right: response(404) })).toMatchObject({ status: 'pass' });
  });
});

describe.each([
  ['signature.rejects-forged', 'forgedChallenge', 'signed with a random secret'],
  ['signature.rejects-unsigned', 'unsignedChallenge', 'without a signature'],
] as const)('%s', (id, method, what) => {
  const judge = (result: ChallengeResult) => {
    const change: Partial<SlackProbe> = { [method]: async () => result };
    return run(id, { probe: probe(change) });
  };

  it.each<[ChallengeResult, string, string, RegExp?]>([
    [challenged('rejected', response(401)), 'pass', `a challenge ${what} gets 401`],
    [challenged('rejected', response(400)), 'pass', `a challenge ${what} gets 400`],
    [challenged('other', response(499)), 'pass', `a challenge ${what} gets 499`],
    [challenged('other', response(399)), 'warn', `a challenge ${what} gets 399`],
    [
      challenged('other', response(500)),
      'warn',
      `a challenge ${what} gets 500`,
      /401, so that it shows in logs/,
    ],
    [challenged('other', late), 'warn', `a challenge ${what}: no response within 6 s`, /with 401 at once\.$/],
    [
      challenged('other', limited),
      'warn',
      `not known: a rate limit responds with 429 to a challenge ${what}`,
    ],
    [
      challenged('returned', response(200)),
      'fail',
      `a challenge ${what} comes back as if it were Slack's`,
      /^Verify the signature of every request/,
    ],
  ])('judges %j', async (result, status, detail, hint = /^/) => {
    const judged = await judge(result);
    expect(judged).toMatchObject({ status, detail });
    expect(judged.hint === undefined).toBe(status === 'pass');
    expect(judged.hint ?? '').toMatch(hint);
  });
});

describe('signature.rejects-stale', () => {
  const judge = (old: ChallengeResult, early: ChallengeResult) =>
    run('signature.rejects-stale', {
      probe: probe({
        challenge: async (_, signing) => {
          const offset = signing === 'unsigned' ? 0 : signing.offsetSeconds;
          expect([-600, 600]).toContain(offset);
          return offset < 0 ? old : early;
        },
      }),
    });
  const rejected = challenged('rejected', response(401));
  const returned = challenged('returned', response(200));

  it.each<[ChallengeResult, ChallengeResult, string, string]>([
    [rejected, rejected, 'pass', 'a challenge that is 10 minutes old gets 401'],
    [returned, rejected, 'fail', 'a request that is 10 minutes old is accepted'],
    [returned, returned, 'fail', 'a request that is 10 minutes old is accepted'],
    [rejected, returned, 'warn', 'a request from 10 minutes ahead is accepted; an old one is rejected'],
    [
      challenged('other', late),
      returned,
      'warn',
      'a challenge that is 10 minutes old: no response within 6 s',
    ],
    [
      challenged('other', limited),
      returned,
      'warn',
      'not known: a rate limit responds with 429 to a challenge that is 10 minutes old',
    ],
  ])('judges an old one (%j) and an early one (%j)', async (old, early, status, detail) => {
    const hint = {
      'a request that is 10 minutes old is accepted':
        /^Reject a timestamp that is more than five minutes off/,
      'a request from 10 minutes ahead is accepted; an old one is rejected': /five minutes ahead too/,
    }[detail];
    const judged = await judge(old, early);
    expect(judged).toMatchObject({ status, detail });
    expect(judged.hint ?? '').toMatch(hint ?? /^/);
  });
});
