import { describe, expect, it } from 'vitest';
import {
  completeCredentials,
  credentialPlaceholders,
  maskCredentials,
  readCredentials,
  realCredentials,
  variablesOf,
} from '../../src/environment/credentials.ts';
import { noSettings } from '../../src/environment/settings.ts';

const credentials = { clientId: '1.2', clientSecret: 'client', signingSecret: 'signing' };
const variables = { SLACK_APP_CLIENT_ID: '1.2', SLACK_APP_CLIENT_SECRET: 'client', SLACK_SECRET: 'signing' };

it('names the variables in the order of the documentation', () => {
  expect(Object.entries(variablesOf(credentials))).toEqual(Object.entries(variables));
});

describe('maskCredentials', () => {
  it('shows the client id alone', () => {
    expect(maskCredentials({ ...credentials, clientId: '28335.13416' })).toEqual({
      clientId: '28335.13416',
      clientSecret: '********',
      signingSecret: '********',
    });
  });

  it.each(['c0ffee', 'x1.2', '1.2x', '1.x', 'x.2', '1-2', '12', '1.', '.2'])(
    'hides a client id that may be a secret: %s',
    (clientId) => {
      expect(maskCredentials({ ...credentials, clientId }).clientId).toBe('********');
    },
  );
});

it('reads the values that are set, untrimmed', () => {
  const values: Record<string, string> = { SLACK_SECRET: ' signing ', SLACK_APP_CLIENT_ID: '1.2' };
  const get = (name: string) => {
    const value = values[name];
    return value === undefined ? undefined : { value, source: 'environment' };
  };
  expect(readCredentials({ ...noSettings, get })).toEqual({ clientId: '1.2', signingSecret: ' signing ' });
});

it('counts placeholders and empty values of a file as missing', () => {
  expect(realCredentials(variables)).toEqual(credentials);
  expect(realCredentials(variablesOf(credentialPlaceholders))).toEqual({});
  expect(realCredentials({ SLACK_APP_CLIENT_ID: '', SLACK_SECRET: 'signing' })).toEqual({
    signingSecret: 'signing',
  });
});

it.each(['clientId', 'clientSecret', 'signingSecret'] as const)('is incomplete without the %s', (part) => {
  expect(completeCredentials(credentials)).toEqual(credentials);
  expect(completeCredentials({ ...credentials, [part]: '' })).toBeUndefined();
  const { [part]: _, ...rest } = credentials;
  expect(completeCredentials(rest)).toBeUndefined();
});
