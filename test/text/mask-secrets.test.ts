import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretName, maskSecrets } from '../../src/text/mask-secrets.ts';

const hex = '8f742231b10e8888abcd99ef1a2b3c4d';

describe('maskSecrets', () => {
  it.each([
    [`signed with ${hex}`, `signed with ${'*'.repeat(32)}`],
    ['xoxb-12-ab and xapp-1-A0-9-cd', '********** and **************'],
    ['xoxe.xoxp-1-abc', '***************'],
    ['postgres://user:hunter2@db.example.com/x', 'postgres://user:*******@db.example.com/x'],
    ['SLACK_SECRET=abc', 'SLACK_SECRET=***'],
    ['export DB_PASSWORD="a b"', 'export DB_PASSWORD=** **'],
    ['  client_secret: short', '  client_secret: *****'],
    ['{"client_id": "1.2", "client_secret": "a\\"b"}', '{"client_id": "1.2", "client_secret": "****"}'],
    ['AbCdEf0123456789aBcDeF', '**********************'],
    ['k3j5h2k3j4h5g2k3j4h5', '********************'],
    [`${'QUJD'.repeat(16)}`, '*'.repeat(64)],
  ])('masks %s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    '"token_rotation_enabled": false,',
    '  token_management_enabled: true',
    '"scopes": { "bot": ["tokens.basic", "channels:write.invites"] }',
    'https://spacelift.example.com/webhooks/slack',
    'https://a1b2-203-0-113-9.ngrok-free.app/slack',
    'display_information.long_description of version 2',
    'search_filters_function_callback_id',
    'More on secrets: see https://example.com/docs',
  ])('leaves %s as it is', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('leaves the documented manifest as it is', async () => {
    const text = await readFile(
      new URL('../manifest/fixtures/documented-manifest.json', import.meta.url),
      'utf8',
    );
    expect(maskSecrets(text)).toBe(text);
  });

  it('keeps the length and the line breaks of any text, so that columns stay', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', 'token: ', '"secret": "', hex),
        (any, start) => {
          const text = start + any;
          expect(maskSecrets(text)).toHaveLength(text.length);
          expect(maskSecrets(text).split('\n')).toHaveLength(text.split('\n').length);
        },
      ),
    );
  });
});

describe('isSecretName', () => {
  it.each(['SLACK_SECRET', 'client_secret', 'refreshToken', 'api-key', 'AWS_SECRET_ACCESS_KEY', 'password'])(
    'takes %s for the name of a secret',
    (name) => expect(isSecretName(name)).toBe(true),
  );

  it.each(['SLACK_APP_CLIENT_ID', 'token_rotation_enabled', 'name', 'key', 'callback_id'])(
    'does not take %s for the name of a secret',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});
