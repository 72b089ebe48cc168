import type { AttemptResult, Delivery } from '../../store/delivery-queue.ts';
import { backoff } from './backoff.ts';
import { describeStatus, isAccepted, type UpstreamFailure, type UpstreamResponse } from './upstream.ts';

/** After this many rejections the event is set aside. */
const maxRejections = 10;
/** 4xx statuses that do not mean that the event was rejected. */
const temporaryStatuses = new Set([408, 425, 429]);

/**
 * Decides what the upstream's response to an event means for the event.
 *
 * @param delivery how often the event was attempted and rejected before this attempt
 * @param waitMs how long the circuit breaker lets nothing through, in milliseconds
 * @param random from 0 up to 1, for the backoff
 */
export function judge(
  response: UpstreamResponse | UpstreamFailure,
  { attempts, rejections }: Pick<Delivery, 'attempts' | 'rejections'>,
  waitMs: number,
  random: number,
): AttemptResult {
  const afterMs = backoff(attempts + 1, random);
  if (response.kind === 'failure') {
    if (response.reason === 'circuit-open') return { kind: 'not-attempted', afterMs: Math.ceil(waitMs) };
    return { kind: 'retry', afterMs, failure: response.detail, rejected: false };
  }
  if (isAccepted(response)) return { kind: 'delivered' };
  const { status } = response;
  const failure = describeStatus(response);
  const rejected = status >= 400 && status < 500 && !temporaryStatuses.has(status);
  if (rejected && rejections + 1 >= maxRejections) return { kind: 'set-aside', failure };
  return { kind: 'retry', afterMs, failure, rejected };
}
