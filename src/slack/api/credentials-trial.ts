import type { UserError } from '../../user-error.ts';
import { slackError } from './slack-error.ts';
import { exchangeUnknownCode } from './unknown-code.ts';
import type { SlackApi } from './web-api.ts';

/** Whether Slack accepts a client id and a client secret. */
export type CredentialsTrial =
  | { readonly kind: 'accepted' }
  /** `part` is what Slack does not accept. */
  | {
      readonly kind: 'rejected';
      readonly part: 'client id' | 'client secret';
      readonly error: UserError;
    }
  /** Slack could not be asked. */
  | { readonly kind: 'unchecked'; readonly error: UserError };

/** Has Slack check that a client id and a client secret belong together. */
export async function tryCredentials(
  api: SlackApi,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): Promise<CredentialsTrial> {
  const result = await exchangeUnknownCode(api, credentials);
  if (result.ok) return { kind: 'accepted' };
  const { failure } = result;
  const word = failure.kind === 'refused' ? failure.error : undefined;
  if (word === 'invalid_code') return { kind: 'accepted' };
  const error = slackError(failure, 'use these credentials', api.url);
  if (word === 'bad_client_secret') return { kind: 'rejected', part: 'client secret', error };
  if (word === 'invalid_client_id') return { kind: 'rejected', part: 'client id', error };
  return { kind: 'unchecked', error };
}
