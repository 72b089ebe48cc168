import { shorten } from '../../text/shorten.ts';
import type { RequestHeaders } from '../http/headers.ts';

/** Headers that hold no credentials and no URL with a query. The value of any other header is not logged. */
const shownHeaders: ReadonlySet<string> = new Set([
  'host',
  'user-agent',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'expect',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-slack-request-timestamp',
  'x-slack-retry-num',
  'x-slack-retry-reason',
]);

/** How many headers are logged, and how much of each. */
const limits = { headers: 40, name: 50, values: 2, value: 100 };

/**
 * The headers of a request for the log.
 *
 * @returns what the first of them contain, shortened; `[redacted]` for each one that may hold a credential
 */
export function loggedHeaders(headers: RequestHeaders): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, limits.headers)
      .map(([name, values]) => [
        shorten(name, limits.name),
        shownHeaders.has(name)
          ? values.slice(0, limits.values).map((value) => shorten(value, limits.value))
          : '[redacted]',
      ]),
  );
}
