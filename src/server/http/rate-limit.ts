import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Answer, json, type OpenRoute, type Request, type Route } from './exchange.ts';

/** How many requests that are not verified one client may make in how many seconds. */
const allowance = { points: 300, duration: 60 };
/** Clients share as many counters, so that no number of addresses takes more memory than these. */
const counters = 16_384;

export interface Limited {
  /** Routes that refuse what is not signed. */
  readonly signed: readonly Route[];
  /** All requests of these are counted. */
  readonly open: readonly OpenRoute[];
  /** Whether refusals of signed routes are counted too; else each is answered as a refusal. */
  readonly countsRefusals: boolean;
}

/** Limits what a client does without a valid signature. What is verified is never counted, and never refused. */
export function limitUnverified({ signed, open, countsRefusals }: Limited): readonly Route[] {
  const limit = new UnverifiedLimit();
  return [
    ...signed.map((route) => (countsRefusals ? limit.onRefusal(route) : route)),
    ...open.map((route) => limit.onRequest(route)),
  ];
}

class UnverifiedLimit {
  readonly #limiter = new RateLimiterMemory(allowance);

  onRefusal(route: Route): Route {
    return {
      ...route,
      handle: async (request) => {
        const answer = await route.handle(request);
        if (!isRefusal(answer)) return answer;
        return (await this.#refusal(request, answer.note.kind)) ?? answer;
      },
    };
  }

  onRequest(route: OpenRoute): Route {
    return {
      ...route,
      handle: async (request) => (await this.#refusal(request, route.kind)) ?? route.handle(request),
    };
  }

  /** Counts a request; undefined while its client may go on. */
  async #refusal(request: Request, kind: string): Promise<Answer | undefined> {
    try {
      await this.#limiter.consume(counterOf(request.client));
      return undefined;
    } catch (limit) {
      if (!(limit instanceof RateLimiterRes)) throw limit;
      const answer = json(
        429,
        { error: 'too_many_unverified_requests' },
        {
          kind,
          verdict: 'limited',
          reason: `over ${allowance.points} unverified requests in ${allowance.duration} s`,
          unlogged: limit.consumedPoints > allowance.points + 1,
        },
      );
      const seconds = String(Math.ceil(limit.msBeforeNext / 1000));
      return { ...answer, headers: { ...answer.headers, 'Retry-After': seconds } };
    }
  }
}

/** An upstream's own 401 is none: it answers a request that was verified. */
function isRefusal({ note }: Answer): boolean {
  return note.verdict === 'rejected';
}

/** The counter of a client. Whoever has an IPv6 address has 2^64 of them: the network counts as one. */
function counterOf(client: string): number {
  const network =
    ipaddr.isValid(client) && ipaddr.parse(client).kind() === 'ipv6'
      ? ipaddr.IPv6.networkAddressFromCIDR(`${client}/64`).toString()
      : client;
  return createHash('sha256').update(network).digest().readUInt32BE() % counters;
}
