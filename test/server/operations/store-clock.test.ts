import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { StoreClock } from '../../../src/server/operations/store-clock.ts';
import { recordedLog } from '../../support/recorded-log.ts';

const minute = 60_000;
const start = 1_800_000_000_000;

/** Three clocks that can be set, and what is logged. */
function clocks({ isShared }: { readonly isShared: boolean }) {
  const { log, lines } = recordedLog();
  const scene = { wall: start, database: start, steady: 0, lines };
  const registry = new Registry();
  const clock = new StoreClock({
    store: { isShared, readClock: async () => (isShared ? scene.database : scene.wall) },
    now: () => scene.wall,
    steadyNow: () => scene.steady,
    log,
    registry,
  });
  const pass = (milliseconds: number) => {
    scene.wall += milliseconds;
    scene.database += milliseconds;
    scene.steady += milliseconds;
  };
  const metric = async (name: string) =>
    Number(new RegExp(`^spacelift_slack_${name} (.*)$`, 'm').exec(await registry.metrics())?.[1]);
  return { scene, clock, pass, metric };
}

describe('the clock of a database that replicas share', () => {
  it.each([
    [59_000, 0, false],
    [-61_000, 1, false],
    [4.9 * minute, 1, false],
    [5.1 * minute, 1, true],
    [-9 * 24 * 60 * minute, 1, true],
  ])('is %d ms from that of a replica', async (skew, reports, isFarOff) => {
    const { scene, clock, metric } = clocks({ isShared: true });
    scene.wall += skew;
    expect(await clock.read()).toBe(start);
    expect(clock.isFarOff).toBe(isFarOff);
    await clock.read();
    expect(scene.lines).toHaveLength(reports);
    expect(await metric('clock_skew_seconds')).toBe(skew / 1000);
    expect(await metric('expiry_stopped')).toBe(0);
  });

  it('lets nothing expire after it jumped, such as to that of another server', async () => {
    const { scene, clock, pass } = clocks({ isShared: true });
    await clock.read();
    pass(minute);
    scene.database += 2 * 24 * 60 * minute;
    expect(await clock.read()).toBeUndefined();
  });

  it('counts if the machine of the replica was suspended, which stops the steady clock', async () => {
    const { scene, clock } = clocks({ isShared: true });
    await clock.read();
    scene.database += 60 * minute;
    scene.wall += 60 * minute;
    expect(await clock.read()).toBe(start + 60 * minute);
  });
});

describe('the clock of a machine with SQLite', () => {
  it.each([2 * 24 * 60 * minute, -2 * minute])('lets nothing expire after a jump of %d ms', async (jump) => {
    const { scene, clock, pass, metric } = clocks({ isShared: false });
    expect(await clock.read()).toBe(start);
    scene.wall += jump;
    for (const _ of [1, 2, 3]) {
      pass(minute);
      expect(await clock.read()).toBeUndefined();
    }
    expect(await metric('expiry_stopped')).toBe(1);
    expect(scene.lines).toHaveLength(1);
    expect(scene.lines[0]).toMatchObject({ seconds: jump / 1000 });

    scene.wall -= jump;
    expect(await clock.read()).toBe(start + 3 * minute);
    expect(await metric('expiry_stopped')).toBe(0);
    expect(scene.lines).toHaveLength(2);
  });

  it('may drift: many small steps are no jump', async () => {
    const { scene, clock, pass } = clocks({ isShared: false });
    for (let step = 0; step < 10; step++) {
      pass(minute);
      scene.wall += minute / 2;
      expect(await clock.read()).toBe(scene.wall);
    }
  });
});
