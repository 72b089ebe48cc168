import { expect, it, onTestFailed } from 'vitest';
import { postgresDatabase } from '../support/postgres.ts';
import { runChaos } from '../support/relay-chaos.ts';

/** The suite runs a short form; `npm run chaos` runs two minutes. */
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 15);
/** The same seed gives the upstream the same moods in the same order. */
const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const limit = (seconds + 300) * 1000;

it(`loses nothing, keeps the order and lets nothing forged through, whatever breaks (seed ${seed})`, {
  timeout: limit,
}, async () => {
  const { url, query } = await postgresDatabase();
  const figures = await runChaos({
    seconds,
    killEverySeconds: Math.min(10, seconds / 4),
    databaseUrl: url,
    seed,
  });
  console.info(JSON.stringify({ seconds, seed, ...figures, complaints: figures.complaints.length }, null, 1));
  const left = await query('select *, clock_timestamp() as now from workspaces');
  const first = await query(
    'select seq, workspace, state, attempts, failure from deliveries order by seq limit 20',
  );
  onTestFailed(() => console.info(JSON.stringify({ left, first, complaints: figures.complaints }, null, 1)));
  expect(figures.lost).toEqual([]);
  expect(figures.outOfOrder).toEqual([]);
  expect(figures.unrecognisable).toBe(0);
  // An event comes twice only where its response was lost: the upstream broke off, or a relay was killed at work.
  expect(figures.duplicates).toBeLessThanOrEqual(figures.upstreamBrokenOff + 16 * figures.kills);
  expect(figures.unverified).toEqual([]);
  expect(Object.keys(figures.forgedStatuses).sort().join()).toMatch(/^401(?:,429)?$/);
  expect(figures.commands.unfit).toEqual([]);
  // Slack's 3 s, and as much again for a machine that is busy with tests.
  expect(figures.commands.slowestMs).toBeLessThan(6_000);
  expect(figures.crashes).toEqual([]);
  expect(figures.complaints).toEqual([]);
  // The load and the faults were real.
  expect(figures.kills).toBeGreaterThan(1);
  expect(figures.acknowledged).toBeGreaterThan(seconds);
  expect(figures.commands.byUpstream).toBeGreaterThan(0);
});
