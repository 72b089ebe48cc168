import { join } from 'node:path';
import { expect, it } from 'vitest';
import { postgresDatabase } from '../support/postgres.ts';
import { runSocketChaos } from '../support/socket-chaos.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The suite runs a short form; `npm run chaos` runs two minutes. */
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 15);
/** The same seed gives the upstream the same moods in the same order. */
const seed = Number(process.env['CHAOS_SEED'] ?? 1);

it.each([
  ['one relay on SQLite', 1],
  ['two relays on one PostgreSQL', 2],
])(
  `loses nothing, keeps the order and acknowledges in time, whatever breaks (seed ${seed}): %s`,
  {
    timeout: (seconds + 300) * 1000,
  },
  async (_, relays) => {
    const store =
      relays === 1
        ? { args: ['--store', `sqlite:${join(await temporaryFolder(), 'serve.db')}`], env: {} }
        : { args: [], env: { DATABASE_URL: (await postgresDatabase()).url } };
    const figures = await runSocketChaos({
      seconds,
      killEverySeconds: Math.min(10, seconds / 4),
      refusalSeconds: Math.min(10, seconds / 8),
      relays,
      store,
      seed,
    });
    console.info(JSON.stringify({ seconds, seed, ...figures }, null, 1));
    expect(figures.lost).toEqual([]);
    expect(figures.outOfOrder).toEqual([]);
    expect(figures.unverified).toEqual([]);
    expect(figures.problems).toEqual([]);
    // An event comes twice only where its response was lost: the upstream broke off, or a relay was killed at work.
    expect(figures.duplicates).toBeLessThanOrEqual(figures.upstreamBrokenOff + 16 * figures.kills);
    expect(figures.crashes).toEqual([]);
    // Slack refuses connections from time to time in this test.
    expect(figures.complaints.filter((line) => !line.includes('"msg":"cannot connect to Slack"'))).toEqual(
      [],
    );
    expect(figures.commands.unfit).toEqual([]);
    // Slack waits 3 s: whatever is acknowledged later counts as not acknowledged.
    expect(figures.commands.unacknowledged).toBe(0);
    // Two connections a relay: each may be opened, refused and opened again within a second, and no more often.
    expect(figures.mostAttemptsInASecond).toBeLessThanOrEqual(6 * relays);
    // The test itself was under load.
    expect(figures.kills).toBeGreaterThan(1);
    expect(figures.cuts).toBeGreaterThan(1);
    expect(figures.refreshes).toBeGreaterThan(1);
    expect(figures.acknowledged).toBeGreaterThan(seconds);
    expect(figures.commands.byUpstream).toBeGreaterThan(0);
  },
);
