import type { HttpResponse, ProbeResult } from './http-request.ts';

/** How many requests to one peer are under way at most: as many as a browser opens. */
const concurrency = 6;
/** The wait after a rate limit that does not name one, in milliseconds: enough for one request a second. */
const defaultWaitMs = 1_100;
/** How long the requests to one peer wait in all, in milliseconds, so that a run ends in time. */
const longestWaitMs = 13_000;
/** A rate limit lasts if so many second attempts in a row have met it too. */
const lastingAttempts = 3;

type Send = () => Promise<ProbeResult>;

/**
 * When a request is sent: in turn; at once, for one that must not wait behind a server that hangs; or alone, for one
 * whose time is measured: no other is then under way.
 */
export type Turn = 'in turn' | 'at once' | 'alone';

export interface PacingOptions {
  /** Resolves after this time, or as soon as the run ends. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

interface Waiting {
  readonly alone: boolean;
  readonly start: (slotsTaken: number) => void;
}

/**
 * Paces the requests to one peer: a few at a time. A response by a rate limit says nothing about its request, so that
 * one is sent once more, after the time that the response names. From then on the requests go one by one, as far apart.
 *
 * @returns a function that sends a request when it is its turn; it returns a rate limit if both attempts met one
 */
export function pace({ pause, now }: PacingOptions): (send: Send, turn?: Turn) => Promise<ProbeResult> {
  let slots = concurrency;
  let active = 0;
  let spacingMs = 0;
  let waitedMs = 0;
  let inVain = 0;
  const queue: Waiting[] = [];

  const startNext = () => {
    for (;;) {
      const next = queue.find(({ alone }) => !alone) ?? queue[0];
      if (!next || active >= (next.alone ? 1 : slots)) return;
      queue.splice(queue.indexOf(next), 1);
      // One that is alone takes every slot.
      const taken = next.alone ? slots : 1;
      active += taken;
      next.start(taken);
    }
  };
  const inTurn = async (send: Send, alone: boolean, place: 'first' | 'last'): Promise<ProbeResult> => {
    const taken = await new Promise<number>((start) => {
      queue.splice(place === 'first' ? 0 : queue.length, 0, { alone, start });
      startNext();
    });
    try {
      if (spacingMs > 0 && waitedMs + spacingMs <= longestWaitMs) {
        waitedMs += spacingMs;
        await pause(spacingMs);
      }
      return await send();
    } finally {
      active -= taken;
      startNext();
    }
  };

  return async (send, turn = 'in turn') => {
    if (turn === 'at once') return send();
    const alone = turn === 'alone';
    const first = await inTurn(send, alone, 'last');
    if (!isRateLimit(first)) return first;
    slots = 1;
    spacingMs = Math.max(spacingMs, retryAfterMs(first, now()) ?? defaultWaitMs);
    if (waitedMs + spacingMs > longestWaitMs) return first;
    const second = await inTurn(send, alone, 'first');
    inVain = isRateLimit(second) ? inVain + 1 : 0;
    if (inVain >= lastingAttempts) waitedMs = longestWaitMs;
    return second;
  };
}

/** Not about one request, but about their number. */
export type RateLimit = HttpResponse & { readonly status: 429 | 503 };

/** Whether a response is about the number of requests and not about this one: 429, or 503 with a `Retry-After`. */
export function isRateLimit(response: ProbeResult): response is RateLimit {
  if (!response.responded) return false;
  return (
    response.status === 429 || (response.status === 503 && response.headers['retry-after'] !== undefined)
  );
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs({ headers }: RateLimit, now: number): number | undefined {
  const value = headers['retry-after'] ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
