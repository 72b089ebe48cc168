import { quote } from '../quote.ts';
import type { HttpResponse, ProbeResult } from './http-request.ts';

/**
 * Whether a response is a web page, which no endpoint for Slack sends. The type alone says nothing: frameworks call an
 * empty body and a bare word HTML.
 */
export function isPage({ headers, body }: HttpResponse): boolean {
  const isHtml = /^text\/html|^application\/xhtml/i.test(headers['content-type'] ?? '');
  return isHtml ? /<[!a-z]/i.test(body) : /^\s*<(!doctype|html)/i.test(body);
}

/** The response in a few words: its status, and the title of its page. Never its body. */
export function describeResponse(response: HttpResponse): string {
  const title = isPage(response) ? (/<title[^>]*>([^<]*)/i.exec(response.body)?.[1] ?? '').trim() : '';
  const page = isPage(response) ? ` with a web page${title === '' ? '' : `, ${quote(title, 60)}`}` : '';
  const server = response.headers['server'];
  return `${response.status}${page}${server ? ` (server: ${quote(String(server), 40)})` : ''}`;
}

/** Whether two responses come from the same rule, as far as can be told: ids and numbers in their bodies may differ. */
export function isAlike(one: ProbeResult, other: ProbeResult): boolean {
  if (!one.responded || !other.responded) return false;
  return (
    one.status === other.status &&
    one.headers['content-type'] === other.headers['content-type'] &&
    withoutIds(one.body) === withoutIds(other.body)
  );
}

function withoutIds(body: string): string {
  return body.replace(/[0-9a-f-]{8,}|\d+/gi, '#');
}
