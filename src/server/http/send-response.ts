import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpResponse } from './route.ts';
import { sendStream } from './stream.ts';

/**
 * Sends the response of a route.
 *
 * @param id of the request
 * @param last whether the connection is closed after it
 */
export function sendResponse(to: ServerResponse, response: HttpResponse, id: string, last: boolean): void {
  const headers: OutgoingHttpHeaders = {
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
    ...response.headers,
  };
  if (last) headers['Connection'] = 'close';
  if (response.stream) {
    to.writeHead(response.status, headers);
    void sendStream(to, response.stream);
    return;
  }
  const body = response.body ?? '';
  const length = Buffer.byteLength(body);
  // RFC 9110, 8.6.
  if (response.status !== 204) headers['Content-Length'] = length;
  to.writeHead(response.status, headers);
  // For pure ASCII both encodings are the same, and latin1 is faster.
  to.end(body, length === body.length ? 'latin1' : 'utf8');
}
