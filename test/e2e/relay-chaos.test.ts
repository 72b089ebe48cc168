import { expect, it, onTestFailed } from 'vitest';
import { postgresDatabase } from '../support/postgres.ts';
import { runChaos } from '../support/relay-chaos.ts';

/** `npm run chaos` gives the full two minutes; the suite a short form of the same. */
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 15);
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 100_000);
const limit = (seconds + 120) * 1000;

it('loses nothing, keeps the order and lets nothing forged through, whatever breaks', {
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
  expect(figures.unverified).toEqual([]);
  expect(Object.keys(figures.forgedStatuses).sort().join()).toMatch(/^401(?:,429)?$/);
  expect(figures.commands.unfit).toEqual([]);
  expect(figures.commands.slowestMs).toBeLessThan(3_000);
  expect(figures.crashes).toEqual([]);
  // The test itself was under load.
  expect(figures.kills).toBeGreaterThan(1);
  expect(figures.acknowledged).toBeGreaterThan(seconds);
  expect(figures.commands.byUpstream).toBeGreaterThan(0);
});
