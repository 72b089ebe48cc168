import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../json-value.ts';
import type { SlackApi, SlackResult } from './web-api.ts';

/**
 * Exchanges an OAuth code that Slack has never issued, to find out whether a client id and a client secret belong
 * together: `invalid_code` means that they do, `bad_client_secret` or `invalid_client_id` that they do not. The call
 * changes nothing.
 */
export function exchangeUnknownCode(
  api: SlackApi,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): Promise<SlackResult<JsonObject>> {
  const code = `unknown.${randomBytes(16).toString('hex')}`;
  return api.call('oauth.v2.access', { code }, credentials);
}
