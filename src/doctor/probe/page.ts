import { describeFailure } from '../../net/connection-failure.ts';
import { quote } from '../quote.ts';
import { type Answer, bodyLimit } from './exchange.ts';

/**
 * Whether an answer is a web page, which no endpoint for Slack gives. The type alone tells nothing: frameworks call
 * an empty body and a bare word HTML.
 */
export function isPage({ headers, body }: Answer): boolean {
  const isHtml = /^text\/html|^application\/xhtml/i.test(headers['content-type'] ?? '');
  return isHtml ? /<[!a-z]/i.test(body) : /^\s*<(!doctype|html)/i.test(body);
}

/** Whether nginx says that it wants a client certificate, which it does by a page, after the handshake. */
export function wantsCertificate({ status, body }: Answer): boolean {
  return status === 400 && body.includes('No required SSL certificate was sent');
}

/** The answer in a few words: its status, and the title of its page. Never its body. */
export function describeAnswer(answer: Answer): string {
  const title = isPage(answer) ? (/<title[^>]*>([^<]*)/i.exec(answer.body)?.[1] ?? '').trim() : '';
  const page = isPage(answer) ? ` with a web page${title === '' ? '' : `, ${quote(title, 60)}`}` : '';
  const server = answer.headers['server'];
  return `${answer.status}${page}${server ? ` (server: ${quote(String(server), 40)})` : ''}`;
}

/** What proxies ask people and their tokens for. Every 401 should name a scheme (RFC 9110), so others mean nothing. */
const loginScheme = /^(basic|bearer|digest|negotiate|ntlm)\b/i;

/**
 * What stands in front of the endpoint and answers in its place; undefined where nothing seems to.
 *
 * @param path what was asked for
 */
export function findObstacle(answer: Answer, host: string, path: string): string | undefined {
  const { status, headers } = answer;
  if (answer.cutOff) {
    return `the answer is longer than ${bodyLimit / 1024} KiB, where a line is due: ${describeAnswer(answer)}`;
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return `redirects (${status}) to ${describeLocation(headers.location, host, path)}`;
  }
  if (headers['cf-mitigated'] !== undefined || headers['x-amzn-waf-action'] !== undefined) {
    return `a bot check (challenge page) of the firewall in front answers: ${describeAnswer(answer)}`;
  }
  if (wantsCertificate(answer)) return describeFailure({ kind: 'mutual-tls' });
  if (status === 407) return `a proxy answers, which wants a login: ${describeAnswer(answer)}`;
  const scheme = loginScheme.exec(String(headers['www-authenticate'] ?? ''))?.[0];
  if (status === 401 && scheme !== undefined) {
    return `a login in front answers: ${status}, it wants ${quote(scheme, 20)} authentication`;
  }
  if (status >= 200 && status < 300 && isPage(answer)) {
    return `a login or challenge page answers: ${describeAnswer(answer)}`;
  }
  return undefined;
}

/** The target without its query, which may hold a session. */
function describeLocation(location: string | undefined, host: string, path: string): string {
  const base = `https://${host}${path}`;
  if (location === undefined) return 'nowhere: it has no Location';
  if (!URL.canParse(location, base)) return quote(location);
  const { protocol, host: other, pathname } = new URL(location, base);
  return quote(other === '' ? `${protocol}…` : `${protocol}//${other}${pathname}`);
}
