import { parseUrl } from '../../parse-url.ts';
import type { SlackApi, SlackFailure } from './web-api.ts';

/** `insecure-url`: the WebSocket would not be encrypted. */
export type SocketUrlFailure = SlackFailure | { readonly kind: 'insecure-url' };

/**
 * Gets a WebSocket URL for Socket Mode (`apps.connections.open`). It is good for one connection, and is a secret until then.
 *
 * @param token the app-level token
 */
export async function openSocketUrl(
  api: SlackApi,
  token: string,
): Promise<
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly failure: SocketUrlFailure }
> {
  const result = await api.call('apps.connections.open', {}, { token });
  if (!result.ok) return result;
  const { url } = result.value;
  const parsed = typeof url === 'string' ? parseUrl(url) : undefined;
  if (typeof url !== 'string' || !parsed) return { ok: false, failure: { kind: 'unreadable' } };
  return isSecure(parsed) ? { ok: true, value: url } : { ok: false, failure: { kind: 'insecure-url' } };
}

/** TLS, or this machine itself, where a test's Slack is. */
function isSecure({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'wss:' || (protocol === 'ws:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname))
  );
}
