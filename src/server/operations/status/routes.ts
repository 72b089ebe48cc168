import { isIP } from 'node:net';
import { tool } from '../../../package.ts';
import { type HttpResponse, json, type Route, type RouteResult } from '../../http/route.ts';
import { statusPage } from './page.ts';
import type { RecentRequests } from './recent-requests.ts';
import { type Snapshot, type SnapshotSources, takeSnapshot } from './snapshot.ts';

export interface StatusSettings extends SnapshotSources {
  readonly requests: RecentRequests;
  /** The name of this process. */
  readonly name: string;
  /** Resolves after some milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Milliseconds between two messages. The store is read once for all viewers, and not at all without one. */
const interval = 1_000;
const maxViewers = 20;
const kind = 'status';

/** The status page, and the server-sent events that keep it up to date. */
export function statusRoutes(settings: StatusSettings): readonly Route[] {
  const { requests, name, sleep, now } = settings;
  let viewers = 0;
  let latest: { readonly at: number; readonly snapshot: Promise<Snapshot> } | undefined;
  const shared = () => {
    if (latest === undefined || Math.abs(now() - latest.at) >= interval) {
      latest = { at: now(), snapshot: takeSnapshot(settings) };
    }
    return latest.snapshot;
  };

  async function* messages(): AsyncGenerator<string> {
    viewers += 1;
    try {
      let shown = 0;
      for (;;) {
        const fresh = requests.since(shown);
        shown = fresh.at(-1)?.number ?? shown;
        const message = { name, version: tool.version, at: now(), ...(await shared()), requests: fresh };
        yield `data: ${JSON.stringify(message)}\n\n`;
        await sleep(interval);
      }
    } finally {
      viewers -= 1;
    }
  }

  const get = (path: string, respond: () => HttpResponse): Route => ({
    method: 'GET',
    path,
    kind,
    handle: async ({ headers }): Promise<RouteResult> => {
      if (!isOwnHost(headers['host']?.[0], name)) return misdirected(path);
      const response = respond();
      return { response, subject: { kind, what: path }, outcome: { kind: 'responded' } };
    },
  });
  return [
    get('/', statusPage),
    get('/status/events', () =>
      viewers >= maxViewers
        ? { status: 503, headers: { 'Retry-After': '10' }, body: 'too many viewers\n' }
        : {
            status: 200,
            headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
            stream: messages(),
          },
    ),
  ];
}

/**
 * Whether a `Host` header cannot be the name of somebody else's web page. Such a page could let its own name lead to this
 * listener (DNS rebinding), and a browser would let it read the responses. Nobody can do that with an address, with a
 * name without a dot, or with the name of this machine.
 *
 * @param host undefined in HTTP/1.0, which no browser sends
 */
function isOwnHost(host: string | undefined, name: string): boolean {
  if (host === undefined) return true;
  const [, ipv6, text = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? [];
  if (ipv6 !== undefined) return isIP(ipv6) === 6;
  return (
    isIP(text) === 4 || /^[\w-]+$/.test(text) || text.endsWith('.localhost') || text === name.toLowerCase()
  );
}

function misdirected(path: string): RouteResult {
  return {
    response: json(421, { error: 'open_this_page_by_ip_address_or_localhost' }),
    subject: { kind, what: `GET ${path}` },
    outcome: { kind: 'invalid-request', reason: 'the Host header names another site' },
  };
}
