import type { IncomingMessage } from 'node:http';
import type { RequestHeaders } from './headers.ts';
import { json, type Route, type RouteResult } from './route.ts';

/** The routes of a listener. Any other path is 404, another method is 405. */
export class RouteTable {
  readonly #byPath: ReadonlyMap<string, readonly Route[]>;

  constructor(routes: readonly Route[]) {
    const paths = new Set(routes.map((route) => route.path));
    this.#byPath = new Map([...paths].map((path) => [path, routes.filter((route) => route.path === path)]));
  }

  /**
   * The route for a request, or the result if there is none.
   *
   * @param path of its target
   * @param what its method and path, for the log
   */
  find(request: IncomingMessage, path: string, what: string, headers: RequestHeaders): Route | RouteResult {
    const routes = this.#byPath.get(path);
    const subject = { kind: routes?.[0]?.kind ?? 'unknown', what };
    const invalid = (status: number, error: string, reason: string): RouteResult => ({
      response: json(status, { error }),
      subject,
      outcome: { kind: 'invalid-request', reason },
    });
    if (request.httpVersionMajor !== 1) return invalid(505, 'http_version', 'not HTTP/1');
    const hosts = headers['host']?.length ?? 0;
    if (hosts > 1) return invalid(400, 'bad_request', 'two Host headers');
    if (hosts === 0 && request.httpVersionMinor > 0) return invalid(400, 'bad_request', 'no Host header');
    if (!routes) {
      return { response: json(404, { error: 'not_found' }), subject, outcome: { kind: 'not-found' } };
    }
    const route = routes.find(({ method }) => method === request.method);
    if (route) return route;
    const allow = routes.map(({ method }) => method).join(', ');
    const result = invalid(405, 'method_not_allowed', `not ${allow}`);
    return {
      ...result,
      response: { ...result.response, headers: { ...result.response.headers, Allow: allow } },
    };
  }
}

/** The path and the query of a request target. RFC 9112, 3.2.2: a server must accept the absolute form too. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const origin = target.startsWith('/') ? '' : (/^https?:\/\/[^/?#]+/i.exec(target)?.[0] ?? '');
  const mark = target.indexOf('?', origin.length);
  if (mark === -1) return { path: target.slice(origin.length), query: '' };
  return { path: target.slice(origin.length, mark), query: target.slice(mark + 1) };
}
