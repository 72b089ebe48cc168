import { describe, expect, it } from 'vitest';
import { checkCredentials, checkValue, findLookAlikes } from '../../src/environment/credential-checks.ts';
import { credentialPlaceholders, readCredentials } from '../../src/environment/credentials.ts';
import { noSettings, readSettings } from '../../src/environment/settings.ts';
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

describe('checkValue', () => {
  const copy = /^Copy the Signing Secret from Basic Information > App Credentials at https:/;
  it.each<[value: string, severity: string, looksLike: string, hint: RegExp]>([
    [
      '\u2022\u2022\u2022',
      'error',
      'contains the dots of a hidden field instead of the value',
      /^Press Show/,
    ],
    [
      'op://a/b',
      'error',
      'contains a reference to a secret store instead of the value',
      /^Resolve the reference/,
    ],
    ['secretref:a', 'error', 'contains a reference to a secret store instead of the value', /^Resolve/],
    [
      'ref+awssecrets://a',
      'error',
      'contains a reference to a secret store instead of the value',
      /^Resolve/,
    ],
    [
      '@Microsoft.KeyVault(a)',
      'error',
      'contains a reference to a secret store instead of the value',
      /^Resolve/,
    ],
    ['$(cat secret)', 'error', 'contains a variable or template that was not replaced', /^Check what should/],
    ['{a\nb}', 'error', 'contains a variable or template that was not replaced', /^Check what should/],
    ['A = b', 'error', 'contains a whole assignment (NAME=value)', /^Set only what follows the equals sign/],
    ['changeme', 'error', 'still contains a placeholder', copy],
    ['a\n', 'error', 'begins or ends with a space or a line break', /^Remove it/],
    ['`a\nb`', 'error', 'has quotes that became part of the value', /^Remove the quotes/],
    ["''", 'error', 'has quotes that became part of the value', /^Remove the quotes/],
    ['a\u3164b', 'error', 'contains an invisible or control character', /^Copy the value again/],
    ['a\u00a0b', 'error', 'contains an invisible or control character', /^Copy the value again/],
    ['a\ufffdb', 'error', 'contains an invisible or control character', /^Copy the value again/],
    ['a\u2028b', 'error', 'contains an invisible or control character', /^Copy the value again/],
    ['a\ue000b', 'error', 'contains an invisible or control character', /^Copy the value again/],
    ['XOXE-1', 'error', 'looks like a configuration or rotating token (xoxe)', copy],
    ['XOXB-1', 'error', 'looks like a bot or user token (xox)', copy],
    ['XAPP-1', 'error', 'looks like an app-level token (xapp-)', copy],
    ['XWFP-1', 'error', 'looks like a workflow token (xwfp-)', copy],
    ['A0123456', 'error', 'looks like an App ID', copy],
    ['T0123456', 'error', 'looks like the ID of a workspace', copy],
    ['E0123456', 'error', 'looks like the ID of a workspace', copy],
    ['123456.123456', 'error', 'looks like a Client ID', copy],
    ['Gd7a3kX0pQ2mN8vB5cZ1tR4w', 'warning', 'looks like the Verification Token', copy],
    ['too short', 'error', 'is too short: expected at least 16 characters, got 9', copy],
    [
      `${'g'.repeat(15)}h`,
      'warning',
      'does not look like a Signing Secret, which is usually 32 digits and letters from a to f',
      /^Compare it with the app's Signing Secret; if they match, ignore this warning/,
    ],
  ])('says of %j what it looks like, and what to do', (value, severity, looksLike, hint) => {
    expect(checkValue('signingSecret', value)).toEqual([
      {
        check: expect.stringMatching(/^env\.(mix-up|signing-secret)$/),
        severity,
        part: 'signingSecret',
        message: `SLACK_SECRET ${looksLike}`,
        hint: expect.stringMatching(hint),
      },
    ]);
  });

  it.each<[value: string, looksLike: string]>([
    ['2.8e+9', 'looks like a number that lost its last digits'],
    ['2E9', 'looks like a number that lost its last digits'],
    ['2833563543.1341696', 'looks like a number that lost its last digits'],
    ['c0ffee00c0ffee00c0ffee00c0ffee00', 'looks like a secret'],
    ['12', 'does not look like a Client ID, which is two numbers with a dot between them'],
    ['e9', 'does not look like a Client ID, which is two numbers with a dot between them'],
    ['x2e9', 'does not look like a Client ID, which is two numbers with a dot between them'],
    ['2e9x', 'does not look like a Client ID, which is two numbers with a dot between them'],
  ])('says of the client ID %j what it looks like', (value, looksLike) => {
    expect(checkValue('clientId', value)).toMatchObject([{ message: `SLACK_APP_CLIENT_ID ${looksLike}` }]);
  });

  const sixteen = '0123456789abcdeg';
  const verification = 'Gd7a3kX0pQ2mN8vB5cZ1tR4w';
  it.each(
    [
      `${'•'.repeat(16)}g`,
      `${sixteen}•`,
      `x op://a${sixteen}`,
      `a vault:${sixteen}`,
      `{a}${sixteen}`,
      `${sixteen}{a}`,
      `$(a)${sixteen}`,
      `${sixteen}$(a)`,
      `${sixteen}$A`,
      `$A-${sixteen}`,
      `%a%${sixteen}`,
      `${sixteen}%a%`,
      `1A=${sixteen}`,
      `a<b>${sixteen}`,
      `is my ${sixteen}`,
      `my${sixteen}`,
      `xnull${sixteen}`,
      `here ${sixteen}`,
      `${sixteen}here`,
      `"${sixteen}`,
      `"a"${sixteen}`,
      `${sixteen}"a"`,
      `'${sixteen}"`,
      `x xoxe-${sixteen}`,
      `x xoxb-${sixteen}`,
      `x xapp-${sixteen}`,
      `x xwfp-${sixteen}`,
      'g-A0123456789ABCDEF',
      'A0123456789ABCDEF-g',
      'g-T0123456789ABCDEF',
      'T0123456789ABCDEF-g',
      'g1234567.12345678',
      '1234567.12345678g',
      'gd7a3kx0pq2mn8vb5cz1tr4w',
      'GD7A3KX0PQ2MN8VB5CZ1TR4W',
      `${verification}A`,
      `x${verification}`,
    ].map((value) => [value]),
  )('calls %j unusual, and nothing more', (value) => {
    expect(checkValue('signingSecret', value)).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('SLACK_SECRET does not look like a Signing') },
    ]);
  });

  it.each(['projects/my-project/secrets/slack', 'export  A=b', '${' + 'SLACK}', '$A_1', '%A%'])(
    'knows that %j is not the value itself',
    (value) => {
      expect(checkValue('signingSecret', value)).toMatchObject([{ check: 'env.mix-up', severity: 'error' }]);
    },
  );

  it.each([`g${good.signingSecret}`, `${good.signingSecret}g`, 'g2833563543.1341696', '2833563543.1341696g'])(
    'calls the client ID %j unusual, and nothing more',
    (value) => {
      expect(checkValue('clientId', value)).toMatchObject([
        { severity: 'warning', message: expect.stringContaining('does not look like a Client ID') },
      ]);
    },
  );

  // A number of less than 15 characters is exact, and one that would print in another way was never a number.
  it.each(['123456789.12', '12345678901.12', '2833563543.13416900', '12345678.1234567'])(
    'accepts %s as a client ID',
    (value) => {
      expect(checkValue('clientId', value)).toEqual([]);
    },
  );

  it.each(['1234567890.1234', '12.5e9', '12e-9'])('knows that %s was read as a number', (value) => {
    expect(checkValue('clientId', value)).toMatchObject([
      { message: 'SLACK_APP_CLIENT_ID looks like a number that lost its last digits' },
    ]);
  });
});

describe('a look-alike variable', () => {
  const settings = (values: Record<string, { value: string; source: string; file?: 'env' | 'project' }>) => ({
    ...noSettings,
    get: (name: string) => values[name],
  });

  it.each([
    [
      'clientId',
      'SLACK_CLIENT_ID',
      /^Rename it to SLACK_APP_CLIENT_ID; Spacelift knows no other name for the Client ID/,
    ],
    ['clientId', 'SLACK_APP_ID', /^Set SLACK_APP_CLIENT_ID to the app's Client ID/],
    ['clientSecret', 'SLACK_CLIENT_SECRET', /^Rename it to SLACK_APP_CLIENT_SECRET/],
    ['clientSecret', 'SLACK_APP_SECRET', /^Rename it/],
    ['signingSecret', 'SLACK_SIGNING_SECRET', /^Rename it to SLACK_SECRET/],
    ['signingSecret', 'SLACK_APP_SIGNING_SECRET', /^Rename it/],
    ['signingSecret', 'SLACK_SIGNING_KEY', /^Rename it/],
  ] as const)('of the %s is %s', (part, name, hint) => {
    const found = findLookAlikes(settings({ [name]: { value: 'x', source: '.env', file: 'env' } }));
    expect(found).toEqual([{ part, name, source: '.env' }]);
    expect(checkCredentials({ ...good, [part]: '' }, found)).toContainEqual({
      check: 'env.mix-up',
      severity: 'error',
      part,
      message: expect.stringMatching(new RegExp(`^${name} is set \\(\\.env\\), but Spacelift reads SLACK_`)),
      hint: expect.stringMatching(hint),
    });
  });

  it('is none if the project file remembers it', () => {
    expect(findLookAlikes(settings({ SLACK_APP_ID: { value: 'A1', source: 'x', file: 'project' } }))).toEqual(
      [],
    );
  });
});

it('names both variables that hold the same value', () => {
  expect(checkCredentials({ ...good, clientSecret: good.signingSecret })).toEqual([
    {
      check: 'env.mix-up',
      severity: 'error',
      message: 'SLACK_APP_CLIENT_SECRET and SLACK_SECRET have the same value',
      hint: expect.stringMatching(
        /^SLACK_SECRET is the Signing Secret, SLACK_APP_CLIENT_SECRET the Client Secret/,
      ),
    },
  ]);
  expect(checkCredentials({ clientId: good.clientId, clientSecret: '', signingSecret: '' })).toHaveLength(2);
});
