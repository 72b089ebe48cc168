import { describe, expect, it } from 'vitest';
import { maxSkewSeconds, sign, signingKey, verify } from '../../src/slack/signature.ts';

// Slack's own example, and three more computed from it with another implementation (Python's hmac).
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const published =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const vectors: [body: string, signature: string][] = [
  [published, 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
  [
    '{"type":"url_verification","token":"probe","challenge":"abc123"}',
    'v0=36982af6553a3c1e6d89a4dbc3115af0c6e6a7f57cc9107c3f2b0408504851b7',
  ],
  ['', 'v0=55f41ec73231010289b54e669149ea021fccab11b5524355523533ce930cb739'],
  ['text=héllo', 'v0=73f0fcdd65d56bff516eb6dec6c946c411495bce263999d11cef562ebbf3870f'],
];

const signed = (body: string, at = timestamp, key = secret) => ({
  signatures: [sign(key, at, body)],
  timestamps: [at],
  body: Buffer.from(body),
});

describe('sign', () => {
  it.each(vectors)('computes the signature of the test vector %j', (body, signature) => {
    expect(sign(secret, timestamp, body)).toBe(signature);
    expect(sign(secret, timestamp, Buffer.from(body))).toBe(signature);
    expect(sign(signingKey(secret), timestamp, body)).toBe(signature);
  });
});

describe('verify', () => {
  const now = Number(timestamp);

  it.each(vectors)('accepts the test vector %j', (body, signature) => {
    const request = { signatures: [signature], timestamps: [timestamp], body: Buffer.from(body) };
    expect(verify(request, [signingKey(secret)], now)).toEqual({ valid: true, secret: 0 });
  });

  it.each([-maxSkewSeconds, maxSkewSeconds])('accepts a timestamp that is %d s off', (skew) => {
    expect(verify(signed('x'), [signingKey(secret)], now - skew)).toMatchObject({ valid: true });
  });

  it.each([-301, 301])('rejects a timestamp that is %d s off, and returns the difference', (skew) => {
    expect(verify(signed('x'), [signingKey(secret)], now - skew)).toEqual({
      valid: false,
      reason: 'timestamp-stale',
      skewSeconds: skew,
    });
  });

  it('accepts the previous secret and returns which one matched', () => {
    expect(verify(signed('x', timestamp, 'old'), [secret, 'old'].map(signingKey), now)).toEqual({
      valid: true,
      secret: 1,
    });
  });

  it('never accepts an empty secret', () => {
    expect(() => signingKey('')).toThrow('an empty signing secret');
  });

  const good = signed('x');
  const [signature = ''] = good.signatures;
  it.each([
    ['no signature', { signatures: [] }, 'signature-missing'],
    ['two signatures', { signatures: [signature, signature] }, 'signature-repeated'],
    ['upper case', { signatures: [signature.toUpperCase().replace('V0', 'v0')] }, 'signature-malformed'],
    ['another version', { signatures: [signature.replace('v0', 'v1')] }, 'signature-malformed'],
    ['something before it', { signatures: [`x${signature}`] }, 'signature-malformed'],
    ['a tail', { signatures: [`${signature}0`] }, 'signature-malformed'],
    ['a line break behind it', { signatures: [`${signature}\n`] }, 'signature-malformed'],
    ['63 digits', { signatures: [signature.slice(0, -1)] }, 'signature-malformed'],
    ['an empty signature', { signatures: [''] }, 'signature-malformed'],
    ['no timestamp', { timestamps: [] }, 'timestamp-missing'],
    ['two timestamps', { timestamps: [timestamp, timestamp] }, 'timestamp-repeated'],
    ['a leading zero', { timestamps: [`0${timestamp}`] }, 'timestamp-malformed'],
    ['a sign', { timestamps: [`+${timestamp}`] }, 'timestamp-malformed'],
    ['a fraction', { timestamps: [`${timestamp}.0`] }, 'timestamp-malformed'],
    ['hexadecimal', { timestamps: ['0x5b47a14a'] }, 'timestamp-malformed'],
    ['a blank', { timestamps: [` ${timestamp}`] }, 'timestamp-malformed'],
    ['an absurdly long timestamp', { timestamps: ['9'.repeat(400)] }, 'timestamp-malformed'],
    ['another body', { body: Buffer.from('y') }, 'signature-wrong'],
  ])('rejects %s', (_name, change, reason) => {
    expect(verify({ ...good, ...change }, [signingKey(secret)], now)).toMatchObject({ valid: false, reason });
  });
});
