import { expect, it } from 'vitest';
import { type CredentialsTrial, tryCredentials } from '../../../src/slack/api/credentials-trial.ts';
import type { SlackApi, SlackFailure } from '../../../src/slack/api/web-api.ts';

const credentials = { clientId: '1.2', clientSecret: 'secret' };
const refused = (error: string): SlackFailure => ({ kind: 'refused', error, body: { ok: false, error } });

function attempt(failure: SlackFailure | undefined): Promise<CredentialsTrial> {
  const api: SlackApi = {
    url: 'https://slack.com',
    call: async (method, args, auth) => {
      expect([method, args, auth]).toEqual([
        'oauth.v2.access',
        { code: expect.stringMatching(/^unknown\.[0-9a-f]{32}$/) },
        credentials,
      ]);
      return failure === undefined ? { ok: true, value: { ok: true } } : { ok: false, failure };
    },
  };
  return tryCredentials(api, credentials);
}

it('are accepted if Slack rejects the code alone', async () => {
  expect(await attempt(refused('invalid_code'))).toEqual({ kind: 'accepted' });
  expect(await attempt(undefined)).toEqual({ kind: 'accepted' });
});

it.each([
  ['bad_client_secret', 'client secret'],
  ['invalid_client_id', 'client id'],
])('are rejected for %s: the %s', async (error, part) => {
  expect(await attempt(refused(error))).toEqual({
    kind: 'rejected',
    part,
    error: expect.objectContaining({ message: `could not use these credentials: Slack returned ${error}` }),
  });
});

it.each<SlackFailure>([refused('fatal_error'), { kind: 'http', status: 500 }])(
  'are not checked if Slack says nothing about them: %j',
  async (failure) => {
    expect(await attempt(failure)).toEqual({
      kind: 'unchecked',
      error: expect.objectContaining({ exitCode: 3 }),
    });
  },
);
