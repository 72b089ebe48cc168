import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isUnverified } from '../outcome.ts';
import { type HttpRequest, json, type OpenRoute, type Route, type RouteResult } from './route.ts';

/** How many unverified requests one client may make in how many seconds. */
const allowance = { points: 300, duration: 60 };
/** Clients share this many counters, so that memory is bounded however many addresses there are. */
const counters = 16_384;

export interface Limited {
  /** Routes that verify signatures. */
  readonly signed: readonly Route[];
  /** All requests to these are counted. */
  readonly open: readonly OpenRoute[];
  /** Whether unverified requests to the signed routes are counted too. If not, they are not limited. */
  readonly countsUnverified: boolean;
}

/** Limits what a client can do without a valid signature. A verified request is neither counted nor limited. */
export function limitUnverified({ signed, open, countsUnverified }: Limited): readonly Route[] {
  const limit = new UnverifiedLimit();
  return [
    ...signed.map((route) => (countsUnverified ? limit.onUnverified(route) : route)),
    ...open.map((route) => limit.onRequest(route)),
  ];
}

class UnverifiedLimit {
  readonly #limiter = new RateLimiterMemory(allowance);

  onUnverified(route: Route): Route {
    return {
      ...route,
      handle: async (request) => {
        const result = await route.handle(request);
        if (!isUnverified(result.outcome)) return result;
        return (await this.#count(request, result.subject.kind)) ?? result;
      },
    };
  }

  onRequest(route: OpenRoute): Route {
    return {
      ...route,
      handle: async (request) => (await this.#count(request, route.kind)) ?? route.handle(request),
    };
  }

  /** Counts a request. @returns undefined while its client is within the limit */
  async #count(request: HttpRequest, kind: string): Promise<RouteResult | undefined> {
    try {
      await this.#limiter.consume(counterOf(request.client ?? ''));
      return undefined;
    } catch (limit) {
      if (!(limit instanceof RateLimiterRes)) throw limit;
      const response = json(429, { error: 'too_many_unverified_requests' });
      const seconds = String(Math.ceil(limit.msBeforeNext / 1000));
      return {
        response: { ...response, headers: { ...response.headers, 'Retry-After': seconds } },
        subject: { kind },
        outcome: {
          kind: 'rate-limited',
          reason: `over ${allowance.points} unverified requests in ${allowance.duration} s`,
          isFirst: limit.consumedPoints <= allowance.points + 1,
        },
      };
    }
  }
}

/** The counter of a client. An IPv6 client has 2^64 addresses, so its network counts as one. */
function counterOf(client: string): number {
  const network =
    ipaddr.isValid(client) && ipaddr.parse(client).kind() === 'ipv6'
      ? ipaddr.IPv6.networkAddressFromCIDR(`${client}/64`).toString()
      : client;
  return createHash('sha256').update(network).digest().readUInt32BE() % counters;
}
