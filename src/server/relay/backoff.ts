import { longestWait } from '../../store/delivery-queue.ts';

const firstWait = 250;

/**
 * How long to wait before an event is tried again, in milliseconds: twice as long each time, and spread, so that what
 * failed together does not come back together.
 *
 * @param tries how often it has been tried, at least 1
 * @param random from 0 up to 1
 */
export function backoff(tries: number, random: number): number {
  const wait = Math.min(longestWait, firstWait * 2 ** Math.min(tries - 1, 20));
  return Math.round(wait * (0.5 + random / 2));
}
