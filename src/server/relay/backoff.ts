const firstWait = 250;

/** The longest waits, in milliseconds. A refusal is soon tried ten times, since the events behind it wait. */
export const longestWait = { failed: 30_000, refused: 10_000 } as const;

/**
 * How long to wait before an event is tried again: twice as long each time, and spread, so that what failed together
 * does not come back together.
 *
 * @param tries how often it has been tried, at least 1
 * @param random from 0 up to 1
 */
export function backoff(tries: number, longest: number, random: number): number {
  const wait = Math.min(longest, firstWait * 2 ** Math.min(tries - 1, 20));
  return Math.round(wait * (0.5 + random / 2));
}
