import { describe, expect, it } from 'vitest';
import { readSigningSecrets } from '../../../src/commands/serve/signing-secrets.ts';
import { noSettings, type Settings } from '../../../src/environment/settings.ts';

const current = '8f742231b10e8888abcd99yyyzzz85a5';
const previous = '1f742231b10e8888abcd99yyyzzz85a5';
const now = Date.UTC(2026, 10, 29, 12);

function read(values: Readonly<Record<string, string>>) {
  const all: Readonly<Record<string, string>> = { SLACK_SECRET: current, ...values };
  const get: Settings['get'] = (name) => {
    const value = all[name];
    return value === undefined ? undefined : { value, source: 'environment' };
  };
  return readSigningSecrets({ ...noSettings, get }, now);
}

describe('SLACK_SECRET_PREVIOUS', () => {
  it('is named, with the advice to end it', () => {
    expect(read({ SLACK_SECRET_PREVIOUS: previous })).toEqual({
      signingSecrets: [current, previous],
      previousSecretUntil: undefined,
      remark: expect.stringMatching(/without an end: set SLACK_SECRET_PREVIOUS_UNTIL/),
    });
  });

  it.each([
    ['2026-11-30T12:00:00Z', Date.UTC(2026, 10, 30, 12), /accepted too, until 2026-11-30T12:00:00Z$/],
    ['2026-11-30T14:00+02:00', Date.UTC(2026, 10, 30, 12), /accepted too, until/],
    ['2026-11-29T12:00:00Z', now, /not accepted any more since 2026-11-29T12:00:00Z: remove it$/],
  ])('ends at %s', (until, previousSecretUntil, remark) => {
    expect(read({ SLACK_SECRET_PREVIOUS: previous, SLACK_SECRET_PREVIOUS_UNTIL: until })).toEqual({
      signingSecrets: [current, previous],
      previousSecretUntil,
      remark: expect.stringMatching(remark),
    });
  });

  it.each([
    'tomorrow',
    '2026-12-01',
    '2026-12-01T12:00:00',
    '2026-02-30T12:00:00Z',
    '2026-12-01T25:00:00Z',
    '1796126400',
  ])('does not start with the end %s', (until) => {
    expect(() => read({ SLACK_SECRET_PREVIOUS: previous, SLACK_SECRET_PREVIOUS_UNTIL: until })).toThrow(
      expect.objectContaining({
        code: 'time-invalid',
        exitCode: 2,
        hint: expect.stringContaining('12:00:00Z'),
      }),
    );
  });

  it.each([{}, { SLACK_SECRET_PREVIOUS_UNTIL: '2026-12-01T12:00:00Z' }])(
    'is reported if it is the current secret, with %j',
    (until) => {
      expect(read({ SLACK_SECRET_PREVIOUS: current, ...until }).remark).toBe(
        'SLACK_SECRET_PREVIOUS is the same as SLACK_SECRET: set it to the old secret, or remove it',
      );
    },
  );

  it('is missed if only its end is set', () => {
    const { signingSecrets, remark } = read({ SLACK_SECRET_PREVIOUS_UNTIL: '2026-12-01T12:00:00Z' });
    expect([signingSecrets, remark]).toEqual([
      [current],
      'SLACK_SECRET_PREVIOUS_UNTIL has no effect without SLACK_SECRET_PREVIOUS',
    ]);
  });
});
