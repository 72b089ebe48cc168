import { maxBackoffMs } from '../../store/delivery-queue.ts';

const firstBackoffMs = 250;

/**
 * How long to wait before the next attempt to deliver an event, in milliseconds. It doubles with each attempt, with
 * jitter, so that events that failed together are not retried together.
 *
 * @param attempts how many attempts there were, at least 1
 * @param random from 0 up to 1
 */
export function backoff(attempts: number, random: number): number {
  const wait = Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(attempts - 1, 20));
  return Math.round(wait * (0.5 + random / 2));
}
