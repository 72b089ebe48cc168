import { type Handled, type HttpRequest, json } from '../http/route.ts';

/** Headers that belong to one connection and are not forwarded (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that are forwarded for Slack, beside Slack's own. */
const describing = new Set(['content-type', 'user-agent', 'accept']);

/**
 * The headers that a browser sends when it follows a link. Any other header is a client's own, such as those in which
 * proxies name the user or the original path: the upstream might trust them.
 */
const browserHeaderNames =
  /^(?:accept|accept-(?:charset|encoding|language)|cache-control|cookie|dnt|pragma|priority|referer|save-data|sec-.+|upgrade-insecure-requests|user-agent)$/;

/** The listener sets these itself. */
const ownHeaders = new Set(['content-length', 'x-request-id', 'x-content-type-options']);

/** A valid header value (RFC 9110, 5.5). Node does not send any other. */
const headerValueFormat = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Marks in `Via` that a request has come through a relay. */
const pseudonym = 'spacelift-slack';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The headers of a request of Slack's that are forwarded. Others that a client has added are not. */
export function slackHeaders(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(request.headers)) {
    if (!name.startsWith('x-slack-') && !describing.has(name)) continue;
    const value = request.headers[name]?.[0];
    if (value !== undefined) headers[name] = value;
  }
  addRelayHeaders(headers, request);
  return headers;
}

/** The headers of a browser's request that are forwarded. Others that a client has added are not. */
export function browserHeaders(request: HttpRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const omitted = hopByHopNames(request.headers);
  for (const [name, values] of Object.entries(request.headers)) {
    if (browserHeaderNames.test(name) && !omitted.has(name)) headers[name] = [...values];
  }
  addRelayHeaders(headers, request);
  return headers;
}

/** The headers of the upstream's response that are returned. */
export function responseHeaders(headers: Headers): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {};
  const omitted = hopByHopNames(headers);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || omitted.has(name) || ownHeaders.has(name)) continue;
    if (isSendable(value)) forwarded[name] = value;
  }
  return forwarded;
}

function isSendable(value: string | readonly string[]): boolean {
  return typeof value === 'string' ? headerValueFormat.test(value) : value.every(isSendable);
}

/** The response to a request that has come through a relay before: the upstream URL leads back to the relay. */
export function detectLoop({ headers }: HttpRequest): Handled | undefined {
  if (!headers['via']?.some((value) => value.includes(pseudonym))) return undefined;
  const reason = 'the request has come through a relay before: --upstream may point back to this relay';
  return { response: json(508, { error: 'loop_detected' }), outcome: { kind: 'loop', reason } };
}

/** Adds the headers that the relay itself sets. */
function addRelayHeaders(
  headers: Record<string, string | string[]>,
  { id, client, headers: received }: HttpRequest,
): void {
  headers['x-request-id'] = id;
  if (client !== undefined) headers['x-forwarded-for'] = client;
  // Slack and browsers always use HTTPS, whatever the proxy in front uses.
  headers['x-forwarded-proto'] = 'https';
  const host = received['host']?.[0];
  if (host !== undefined) headers['x-forwarded-host'] = host;
  headers['via'] = `1.1 ${pseudonym}`;
}

/** `Connection` may name further headers that belong to the connection. */
function hopByHopNames(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReadonlySet<string> {
  const connection = headers['connection'];
  if (connection === undefined || connection === 'keep-alive') return hopByHop;
  const named = [connection].flat().flatMap((value) => value.split(','));
  return new Set([...hopByHop, ...named.map((name) => name.trim().toLowerCase())]);
}
