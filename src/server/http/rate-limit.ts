import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isUnverified } from '../outcome.ts';
import { keyedCounters } from './client-counters.ts';
import { type HttpRequest, json, type Route, type RouteResult } from './route.ts';

/** How many unverified requests one client may make in how many seconds. */
const allowance = { points: 300, duration: 60 };

export interface Limited {
  /** Routes that verify signatures. */
  readonly signed: readonly Route[];
  /** All requests to these are counted. */
  readonly open: readonly Route[];
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
  readonly #counterOf = keyedCounters();

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

  onRequest(route: Route): Route {
    return {
      ...route,
      handle: async (request) => (await this.#count(request, route.kind)) ?? route.handle(request),
    };
  }

  /** Counts a request. @returns undefined while its client is within the limit */
  async #count(request: HttpRequest, kind: string): Promise<RouteResult | undefined> {
    try {
      await this.#limiter.consume(this.#counterOf(request.client ?? ''));
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
        },
      };
    }
  }
}
