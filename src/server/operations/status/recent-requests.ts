import type { FinishedRequest } from '../../http/finished-request.ts';
import { isFromAnybody } from '../../outcome.ts';

/** What the status page shows of a request: no body, no secret. */
export interface RecentRequest {
  /** Counts all requests since the start. */
  readonly number: number;
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number;
  readonly kind: string;
  readonly who: string | undefined;
  readonly what: string | undefined;
  readonly status: number;
  readonly outcome: string;
  readonly milliseconds: number;
  readonly reason: string | undefined;
}

/** The numbers of requests that are remembered: those of Slack are not displaced by a flood of others. */
const limits = { slack: 150, unverified: 50 } as const;
/** A path may take 16 KiB. */
const maxTextLength = 120;

/** Remembers the last 200 requests, at most 50 of them without a valid signature. */
export class RecentRequests {
  readonly #now: () => number;
  readonly #slack: RecentRequest[] = [];
  readonly #unverified: RecentRequest[] = [];
  #number = 0;

  /** @param now the clock, in milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  add({ status, milliseconds, subject, outcome }: FinishedRequest): void {
    this.#number += 1;
    const isOther = isFromAnybody(subject, outcome);
    const list = isOther ? this.#unverified : this.#slack;
    if (list.length === (isOther ? limits.unverified : limits.slack)) list.shift();
    list.push({
      number: this.#number,
      at: this.#now(),
      kind: subject.kind,
      who: shorten(subject.who),
      what: shorten(subject.what),
      status,
      outcome: outcome.kind,
      milliseconds: Math.round(milliseconds * 10) / 10,
      reason: 'reason' in outcome ? shorten(outcome.reason) : undefined,
    });
  }

  /** @returns the requests after a number, the oldest first */
  since(number: number): readonly RecentRequest[] {
    return [...this.#slack, ...this.#unverified]
      .filter((request) => request.number > number)
      .sort((one, other) => one.number - other.number);
  }
}

function shorten(text: string | undefined): string | undefined {
  return text === undefined || text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}
