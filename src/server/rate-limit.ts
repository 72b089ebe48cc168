import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Answer, json, type Request, type Route } from './exchange.ts';

/** How many requests that are not verified one client may make in how many seconds. */
const allowance = { points: 300, duration: 60 };
/** Clients share as many counters, so that no number of addresses takes more memory than these. */
const counters = 16_384;

/**
 * Limits what a client does without a valid signature. What is verified is never counted, and never refused.
 *
 * @param signed routes that refuse what is not signed: these refusals are counted
 * @param open routes that take anybody's requests: all of them are counted
 */
export function limitUnverified(signed: readonly Route[], open: readonly Route[]): readonly Route[] {
  const limit = new UnverifiedLimit();
  return [...signed.map((route) => limit.onRefusal(route)), ...open.map((route) => limit.onRequest(route))];
}

class UnverifiedLimit {
  readonly #limiter = new RateLimiterMemory(allowance);

  onRefusal(route: Route): Route {
    return {
      ...route,
      handle: async (request) => {
        const answer = await route.handle(request);
        // An upstream's own 401 answers a request that was verified.
        if (answer.note.verdict !== 'rejected') return answer;
        return (await this.#refusal(request, answer.note.kind)) ?? withClient(answer, request);
      },
    };
  }

  onRequest(route: Route): Route {
    return {
      ...route,
      handle: async (request) => (await this.#refusal(request, route.path.slice(1))) ?? route.handle(request),
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
      return withClient({ ...answer, headers: { ...answer.headers, 'Retry-After': seconds } }, request);
    }
  }
}

function withClient(answer: Answer, { client }: Request): Answer {
  return { ...answer, note: { ...answer.note, client } };
}

/** The counter of a client. Whoever has an IPv6 address has 2^64 of them: the network counts as one. */
function counterOf(client: string): number {
  const network =
    ipaddr.isValid(client) && ipaddr.parse(client).kind() === 'ipv6'
      ? ipaddr.IPv6.networkAddressFromCIDR(`${client}/64`).toString()
      : client;
  return createHash('sha256').update(network).digest().readUInt32BE() % counters;
}
