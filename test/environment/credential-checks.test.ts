import { describe, expect, it } from 'vitest';
import { checkCredentials, checkValue, findLookAlikes } from '../../src/environment/credential-checks.ts';
import { credentialPlaceholders, readCredentials } from '../../src/environment/credentials.ts';
import { readSettings } from '../../src/environment/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const good = {
  clientId: '2833563543.1341693891393',
  clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  signingSecret: '8f742231b10e8888abcd99e0e0e085a5',
};

const found = (change: Partial<typeof good>) =>
  checkCredentials({ ...good, ...change }).map(({ check, severity, part }) => `${severity} ${check} ${part}`);

describe('checkCredentials', () => {
  it('reports nothing for values of the usual shapes', () => {
    expect(checkCredentials(good)).toEqual([]);
  });

  it('reports each value that is missing or empty', () => {
    const { clientId: _, ...rest } = good;
    expect(checkCredentials({ ...rest, clientSecret: '' })).toMatchObject([
      { check: 'env.client-id', severity: 'error', message: 'SLACK_APP_CLIENT_ID is not set' },
      { check: 'env.client-secret', severity: 'error', message: 'SLACK_APP_CLIENT_SECRET is not set' },
    ]);
    expect(checkCredentials({}).map(({ check }) => check)).toEqual([
      'env.client-id',
      'env.client-secret',
      'env.signing-secret',
    ]);
  });

  it('rejects one secret in both places', () => {
    expect(found({ clientSecret: good.signingSecret })).toEqual(['error env.mix-up undefined']);
  });

  it.each([
    ['clientId', 'A0123456789'],
    ['clientId', 'T0123456789'],
    ['clientId', good.signingSecret],
    ['clientId', 'xoxb-1-2-abc'],
    ['clientId', '2.8335635431341694e+09'],
    ['clientId', '2833563543.1341696'],
    ['clientSecret', 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzOqgy'],
    ['clientSecret', 'xoxe.xoxp-1-Mi0yLTE'],
    ['clientSecret', good.clientId],
    ['clientSecret', 'A0123456789'],
    ['signingSecret', 'xapp-1-A0-1-abc'],
    ['signingSecret', 'xoxe-1-My0xLTE'],
    ['signingSecret', good.clientId],
    ['signingSecret', '••••••••••'],
    ['signingSecret', credentialPlaceholders.signingSecret],
    ['signingSecret', `${good.signingSecret} `],
    ['signingSecret', `\t${good.signingSecret}`],
    ['signingSecret', `${good.signingSecret}\n`],
    ['signingSecret', `"${good.signingSecret}"`],
    ['signingSecret', `'${good.signingSecret}'`],
    ['signingSecret', `\u200b${good.signingSecret}`],
    ['signingSecret', `8f74\u00ad2231`],
    ['signingSecret', `8f74\u00002231`],
  ] as const)('rejects as a mix-up: %s %j', (part, value) => {
    expect(found({ [part]: value })).toEqual([`error env.mix-up ${part}`]);
  });

  it.each([
    ['clientId', 'abc', 'env.client-id'],
    ['clientId', '2833563543', 'env.client-id'],
    ['clientSecret', `${good.clientSecret}0`, 'env.client-secret'],
    ['signingSecret', '8f742231b10e8888abcd99yyyzzz85a5', 'env.signing-secret'],
    ['signingSecret', '8f742231b10e8888abcd99$22{x}', 'env.signing-secret'],
    ['signingSecret', `8f742231b10e8888a"b'c`, 'env.signing-secret'],
    ['signingSecret', '#8f742231b10e8888', 'env.signing-secret'],
    ['signingSecret', 'Gd7a3kX0pQ2mN8vB5cZ1tR4w', 'env.mix-up'],
  ] as const)('only warns about %s %j', (part, value, check) => {
    expect(found({ [part]: value })).toEqual([`warning ${check} ${part}`]);
  });

  it.each([
    'changeme',
    'CHANGE_ME',
    'your-signing-secret',
    'your_secret_here',
    'insert secret',
    'todo',
    'null',
    'undefined',
    'xxxx',
    '00000000000000000000000000000000',
    'signing_secret',
    'SLACK_SECRET',
    '<secret>',
  ])('recognises %s as a placeholder', (value) => {
    for (const part of ['clientId', 'clientSecret', 'signingSecret'] as const) {
      expect(found({ [part]: value })).toEqual([`error env.mix-up ${part}`]);
      expect(checkCredentials({ ...good, [part]: value })[0]?.message).toMatch(
        /still contains a placeholder$/,
      );
    }
  });

  it.each([
    ['op://vault/slack/secret', /reference to a secret store/],
    ['vault:secret/data/slack#signing', /reference to a secret store/],
    ['arn:aws:secretsmanager:eu-west-1:1:secret:slack', /reference to a secret store/],
    ['projects/p/secrets/slack/versions/1', /reference to a secret store/],
    ['$' + '{SLACK_SECRET}', /was not replaced/],
    ['{{ slack.secret }}', /was not replaced/],
    ['$' + '{{ secrets.SLACK_SECRET }}', /was not replaced/],
    ['{{resolve:secretsmanager:slack}}', /was not replaced/],
    ['$SLACK_SECRET', /was not replaced/],
    ['%SLACK_SECRET%', /was not replaced/],
    [`SLACK_SECRET=${good.signingSecret}`, /whole assignment/],
    [`export SLACK_SECRET=${good.signingSecret}`, /whole assignment/],
  ])('recognises %s', (value, message) => {
    expect(checkCredentials({ ...good, signingSecret: value })).toEqual([
      expect.objectContaining({
        check: 'env.mix-up',
        severity: 'error',
        message: expect.stringMatching(message),
      }),
    ]);
  });

  it('rejects a secret of less than 16 characters, which can be guessed', () => {
    expect(found({ signingSecret: 'a' })).toEqual(['error env.signing-secret signingSecret']);
    expect(found({ clientSecret: '8f742231b10e888' })).toEqual(['error env.client-secret clientSecret']);
    expect(found({ signingSecret: '8f742231b10e8888' })).toEqual([
      'warning env.signing-secret signingSecret',
    ]);
  });

  it('checks a secret under another name', () => {
    expect(checkValue('signingSecret', 'short', 'SLACK_SECRET_PREVIOUS')[0]?.message).toBe(
      'SLACK_SECRET_PREVIOUS is too short: expected at least 16 characters, got 5',
    );
  });

  it.each(['2141029472.691202649728', '123.456', '910200304849.3676478528614'])(
    'accepts %s as a client ID, not as a rounded number',
    (clientId) => {
      expect(found({ clientId })).toEqual([]);
    },
  );

  it('never repeats a value', () => {
    const value = 'xoxb-very-secret';
    const findings = checkCredentials({ clientId: value, clientSecret: value, signingSecret: value });
    expect(findings.length).toBeGreaterThan(3);
    expect(JSON.stringify(findings)).not.toContain('very');
  });
});

describe('findLookAlikes', () => {
  const settingsOf = async (env: Record<string, string>) =>
    readSettings({ env, cwd: await temporaryFolder() });

  it('finds a missing variable under another name', async () => {
    const settings = await settingsOf({ SLACK_SIGNING_SECRET: 'x', SLACK_APP_CLIENT_ID: '1.2' });
    const lookAlikes = findLookAlikes(settings);
    expect(lookAlikes).toEqual([
      { part: 'signingSecret', name: 'SLACK_SIGNING_SECRET', source: 'environment' },
    ]);
    expect(checkCredentials(readCredentials(settings), lookAlikes)).toContainEqual(
      expect.objectContaining({
        check: 'env.mix-up',
        severity: 'error',
        message: 'SLACK_SIGNING_SECRET is set (environment), but Spacelift reads SLACK_SECRET',
      }),
    );
  });

  it('ignores another name if the documented one is set too', async () => {
    expect(
      findLookAlikes(await settingsOf({ SLACK_SIGNING_SECRET: 'x', SLACK_SECRET: 'y' })),
    ).not.toContainEqual(expect.objectContaining({ part: 'signingSecret' }));
  });
});
