import { type Handled, type HttpRequest, json } from '../http/route.ts';

/** They belong to one connection and end there (RFC 9110, 7.6.1). */
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

/** What describes a body and its sender, beside Slack's own headers. */
const describing = new Set(['content-type', 'user-agent', 'accept']);

/**
 * What a browser says of itself when it follows a link. Anything else is a caller's own, such as the headers in which
 * proxies tell a server who asks and for which path, which the upstream would believe.
 */
const saidByBrowsers =
  /^(?:accept|accept-(?:charset|encoding|language)|cache-control|cookie|dnt|pragma|priority|referer|save-data|sec-.+|upgrade-insecure-requests|user-agent)$/;

/** The listener sets these itself. */
const ownHeaders = new Set(['content-length', 'x-request-id', 'x-content-type-options']);

/** What may stand in a header (RFC 9110, 5.5); Node refuses to send anything else. */
const headerForm = /^[\t\x20-\x7e\x80-\xff]*$/;

/** By which a relay recognises what has come through one before. */
const pseudonym = 'spacelift-slack';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What Slack says of a body, and nothing else that a caller has added. */
export function slackHeaders(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, [value] = []] of Object.entries(request.headers)) {
    if ((name.startsWith('x-slack-') || describing.has(name)) && value !== undefined) headers[name] = value;
  }
  return { ...headers, ...forwardedHeaders(request) };
}

/** What a browser says, and nothing else that a caller has added. */
export function browserHeaders(request: HttpRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const ends = endingHere(request.headers);
  for (const [name, values] of Object.entries(request.headers)) {
    if (saidByBrowsers.test(name) && !ends.has(name)) headers[name] = [...values];
  }
  return { ...headers, ...forwardedHeaders(request) };
}

/** The headers of the upstream's response that are returned. */
export function responseHeaders(headers: Headers): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  const ends = endingHere(headers);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || ends.has(name) || ownHeaders.has(name)) continue;
    if ([value].flat().every((line) => headerForm.test(line))) passed[name] = value;
  }
  return passed;
}

/** The response to a request that has come through a relay before: the upstream leads back to the relay. */
export function detectLoop({ headers }: HttpRequest): Handled | undefined {
  if (!headers['via']?.some((value) => value.includes(pseudonym))) return undefined;
  const reason = 'it came through a relay already: does --upstream lead back here?';
  return { response: json(508, { error: 'loop_detected' }), outcome: { kind: 'loop', reason } };
}

function forwardedHeaders({ id, client, headers }: HttpRequest): Record<string, string> {
  const host = headers['host']?.[0];
  return {
    'x-request-id': id,
    ...(client === undefined ? {} : { 'x-forwarded-for': client }),
    // Slack and browsers come by HTTPS alone, whatever the hop from the public side to here speaks.
    'x-forwarded-proto': 'https',
    ...(host === undefined ? {} : { 'x-forwarded-host': host }),
    via: `1.1 ${pseudonym}`,
  };
}

/** `Connection` may name more that ends here. */
function endingHere(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReadonlySet<string> {
  const connection = headers['connection'];
  if (connection === undefined || connection === 'keep-alive') return hopByHop;
  const named = [connection].flat().flatMap((value) => value.split(','));
  return new Set([...hopByHop, ...named.map((name) => name.trim().toLowerCase())]);
}
