import { randomBytes } from 'node:crypto';
import type { SlackApi, SlackFailure } from './web-api.ts';

/**
 * Whether a client id and a client secret belong together. A code that Slack never gave out is exchanged: that fails,
 * and the way in which it does tells. It changes nothing.
 *
 * @returns nothing where Slack takes the pair; else what came in between, which may prove nothing
 */
export async function tryCredentials(
  api: SlackApi,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): Promise<SlackFailure | undefined> {
  const code = `probe.${randomBytes(16).toString('hex')}`;
  const result = await api.call('oauth.v2.access', { code }, credentials);
  if (result.ok || (result.failure.kind === 'refused' && result.failure.error === 'invalid_code'))
    return undefined;
  return result.failure;
}
