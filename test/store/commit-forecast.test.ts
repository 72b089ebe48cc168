import { describe, expect, it } from 'vitest';
import { CommitForecast } from '../../src/store/commit-forecast.ts';

/** A forecast after one commit of some items, which took from 0 to a time. */
function measured(took: number, size = 1, succeeded = true): CommitForecast {
  const forecast = new CommitForecast();
  forecast.started(0);
  forecast.ended(took, size, succeeded);
  return forecast;
}

describe('CommitForecast', () => {
  it('admits anything while no commit has been measured', () => {
    expect(new CommitForecast().admits(10_000, 0, 1)).toBe(true);
  });

  it('admits an item if its commit would end by its deadline', () => {
    expect(measured(400).admits(1, 1_000, 1_400)).toBe(true);
    expect(measured(400).admits(1, 1_000, 1_399)).toBe(false);
  });

  it('counts the groups that are ahead', () => {
    expect(measured(400).admits(255, 0, 400)).toBe(true);
    expect(measured(400).admits(256, 0, 400)).toBe(false);
    expect(measured(400).admits(256, 0, 800)).toBe(true);
  });

  it('counts what is left of the commit that runs', () => {
    const forecast = measured(400);
    forecast.started(1_000);
    expect(forecast.admits(0, 1_300, 1_800)).toBe(true);
    expect(forecast.admits(0, 1_300, 1_799)).toBe(false);
  });

  it('expects more of the next commit while one takes longer than those before', () => {
    const forecast = measured(400);
    forecast.started(1_000);
    expect(forecast.admits(0, 2_000, 3_000)).toBe(true);
    expect(forecast.admits(0, 2_001, 3_001)).toBe(false);
  });

  it('admits an item that nothing is ahead of, however slow the last commit was', () => {
    expect(measured(60_000).admits(0, 0, 1)).toBe(true);
  });

  it('follows a store that becomes faster', () => {
    const forecast = measured(1_600);
    for (let commit = 0; commit < 3; commit++) {
      forecast.started(0);
      forecast.ended(0, 1, true);
    }
    expect(forecast.admits(1, 0, 200)).toBe(true);
    expect(forecast.admits(1, 0, 199)).toBe(false);
  });

  it('expects of the next commit what lies between the last one and those before', () => {
    const forecast = measured(400);
    forecast.started(10_000);
    forecast.ended(10_200, 1, true);
    expect(forecast.admits(1, 20_000, 20_300)).toBe(true);
    expect(forecast.admits(1, 20_000, 20_299)).toBe(false);
  });

  it('expects no more of the next commit because one failed', () => {
    const forecast = measured(400);
    forecast.started(1_000);
    forecast.ended(3_500, 1, false);
    expect(forecast.admits(1, 4_000, 4_400)).toBe(true);
    expect(forecast.admits(1, 4_000, 4_399)).toBe(false);
  });

  it('halves the groups when a commit fails, down to 16 items, and doubles them when a full one succeeds', () => {
    const forecast = new CommitForecast();
    const sizes = [false, false, false, false, false, true, true, true, true, true].map((succeeded) => {
      forecast.started(0);
      forecast.ended(1, forecast.groupSize, succeeded);
      return forecast.groupSize;
    });
    expect(sizes).toEqual([128, 64, 32, 16, 16, 32, 64, 128, 256, 256]);
  });

  it('keeps the size of the groups when a small one succeeds', () => {
    const forecast = measured(1, 256, false);
    forecast.started(0);
    forecast.ended(1, 127, true);
    expect(forecast.groupSize).toBe(128);
  });
});
