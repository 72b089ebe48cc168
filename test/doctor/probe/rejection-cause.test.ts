import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import { findRejectionCause } from '../../../src/doctor/probe/rejection-cause.ts';
import type { PartialCredentials } from '../../../src/environment/credentials.ts';
import { challenged, late, page, probe, response, secret } from '../given.ts';

const clientSecret = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const peer = { address: '203.0.113.7', port: 443 };

interface Deployment {
  /** The secret that it verifies with. */
  readonly verifiesWith?: string;
  /** By how many seconds its clock is off. */
  readonly clockSeconds?: number;
  /** Whether something on the way rewrites JSON, so that only the plain style passes. */
  readonly rewritesJson?: boolean;
  readonly rejection?: ProbeResult;
  /** The responses to signatures over an empty body, in turn; the last one repeats. */
  readonly overNothing?: readonly ProbeResult[];
  readonly unrouted?: ProbeResult;
  readonly unsigned?: ProbeResult;
}

function causeAt(deployment: Deployment, credentials: PartialCredentials = { clientSecret }) {
  const {
    verifiesWith = 'another secret',
    clockSeconds = 0,
    rewritesJson = false,
    rejection = response(401),
    overNothing = [rejection],
    unrouted = response(404),
    unsigned = rejection,
  } = deployment;
  let attempts = 0;
  const endpoint = probe({
    freshChallenge: async () => challenged('rejected', rejection),
    challenge: async (_, signing, { style = 'unusual' } = {}) => {
      if (signing === 'unsigned') throw new Error('not asked for');
      expect(signing.secret).toBeTypeOf('string');
      if (signing.over !== undefined) {
        expect(signing.over).toBe('');
        const result = overNothing[Math.min(attempts, overNothing.length - 1)] ?? rejection;
        attempts += 1;
        return challenged('rejected', result);
      }
      const inTime = Math.abs(signing.offsetSeconds - clockSeconds) <= 300;
      const accepted = signing.secret === verifiesWith && inTime && (!rewritesJson || style === 'plain');
      return accepted ? challenged('returned', response(200)) : challenged('rejected', rejection);
    },
    unroutedForm: async () => unrouted,
    unsignedChallenge: async () => challenged('rejected', unsigned),
  });
  return findRejectionCause(endpoint, credentials, peer, secret);
}

describe('findRejectionCause', () => {
  it.each([
    [-700, -600],
    [600, 600],
    [850, 600],
    [3_600, 3_600],
    [-12 * 3_600, -12 * 3_600],
    [14 * 3_600, 14 * 3_600],
  ])('finds a clock that is off by %d s', async (clockSeconds, offsetSeconds) => {
    expect(await causeAt({ verifiesWith: secret, clockSeconds })).toEqual({ kind: 'clock', offsetSeconds });
  });

  it('does not try a clock that no time zone explains', async () => {
    expect((await causeAt({ verifiesWith: secret, clockSeconds: 15 * 3_600 })).kind).toBe('unknown');
    expect((await causeAt({ verifiesWith: secret, clockSeconds: -13 * 3_600 })).kind).toBe('unknown');
  });

  it('finds that JSON is written again on the way', async () => {
    expect(await causeAt({ verifiesWith: secret, rewritesJson: true })).toEqual({ kind: 'json-rewritten' });
  });

  it.each([
    [clientSecret, /the value of SLACK_APP_CLIENT_SECRET/, /Set SLACK_SECRET to the Signing Secret/],
    [`${secret}\n`, /has a line break at its end$/, /printf %s/],
    [`${secret}\r\n`, /has a line break at its end$/, /printf %s/],
    [`${secret} `, /has a blank at its end$/, /Write it again without it/],
    [`"${secret}"`, /has quotes around it/, /Write it again without quotes/],
    [`'${secret}'`, /has quotes around it/, /Write it again without quotes/],
    [Buffer.from(secret).toString('base64'), /is base64 of the value here/, /stringData/],
    [Buffer.from(`${secret}\n`).toString('base64'), /is base64 of the value here/, /stringData/],
  ])('finds what the deployment verifies with: %j', async (verifiesWith, detail, hint) => {
    const cause = await causeAt({ verifiesWith });
    expect(cause).toEqual({
      kind: 'secret',
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
    });
    expect(cause).toMatchObject({ hint: expect.stringMatching(/restart/) });
  });

  it('has no client secret to try if there is none', async () => {
    expect((await causeAt({ verifiesWith: clientSecret }, {})).kind).toBe('unknown');
  });

  it('finds that the body does not arrive, if that lasts', async () => {
    expect(await causeAt({ overNothing: [response(400)] })).toEqual({ kind: 'body-dropped' });
    expect(await causeAt({ overNothing: [response(400), response(401)] })).toMatchObject({ kind: 'unknown' });
  });

  it.each<[string, ProbeResult]>([
    ['no response', late],
    ['a rate limit', response(429)],
    ['the same status', response(401, { body: 'another' })],
  ])('learns nothing about the body from %s', async (_, result) => {
    expect((await causeAt({ overNothing: [result] })).kind).toBe('unknown');
  });

  it.each(['Missing header', 'missing X-Slack-Signature', 'the timestamp is missing'])(
    'finds that headers are dropped by "%s"',
    async (body) => {
      expect(await causeAt({ rejection: response(400, { body }) })).toEqual({ kind: 'headers-dropped' });
    },
  );

  it.each(['missing', 'bad header', 'invalid or missing signature', 'signature mismatch, none missing'])(
    'does not find it by "%s"',
    async (body) => {
      expect((await causeAt({ rejection: response(400, { body }) })).kind).toBe('unknown');
    },
  );

  it('finds that every path gets the same response', async () => {
    expect(await causeAt({ rejection: page(403), unrouted: page(403) })).toEqual({ kind: 'every-path' });
  });

  it('reports whether a request without a signature gets the same response', async () => {
    expect(await causeAt({})).toEqual({ kind: 'unknown', unsigned: 'alike' });
    expect(await causeAt({ unsigned: response(400) })).toEqual({ kind: 'unknown', unsigned: 'different' });
  });
});
