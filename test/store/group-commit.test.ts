import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GroupCommit, NotInTime } from '../../src/store/group-commit.ts';

/** Commits that end when the test says so, by a clock that the test moves. */
function scene() {
  let now = 0;
  const groups: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const commits = new GroupCommit<string, string>(
    async (items) => {
      groups.push(items);
      await new Promise<void>((resolve) => ends.push(resolve));
      return items.map((item) => `${item} committed`);
    },
    () => false,
    () => now,
  );
  return {
    commits,
    groups,
    /** Ends the commit that runs, at a time, and lets the next one start. */
    async end(at: number) {
      await expect.poll(() => ends.length).toBeGreaterThan(0);
      now = at;
      ends.shift()?.();
      await setImmediate();
    },
    at(time: number) {
      now = time;
    },
  };
}

describe('GroupCommit', () => {
  it('refuses at once what would be committed too late, and commits the rest', async () => {
    const { commits, groups, end } = scene();
    const first = commits.add('first', 1_000);
    await end(1_000);
    await expect(first).resolves.toBe('first committed');

    const second = commits.add('second', 2_500);
    await expect.poll(() => groups.length).toBe(2);
    const third = commits.add('third', 2_500);
    await expect(commits.add('fourth', 1_900)).rejects.toThrow(NotInTime);
    await end(2_000);
    await end(3_000);
    await expect(Promise.all([second, third])).resolves.toEqual(['second committed', 'third committed']);
    expect(groups).toEqual([['first'], ['second'], ['third']]);
  });

  it('does not commit what nobody waits for any more', async () => {
    const { commits, groups, end } = scene();
    const first = commits.add('first');
    await expect.poll(() => groups.length).toBe(1);
    const late = commits.add('late', 500);
    const rejection = expect(late).rejects.toThrow(NotInTime);
    const next = commits.add('next');
    await end(600);
    await rejection;
    await end(700);
    await expect(Promise.all([first, next])).resolves.toHaveLength(2);
    expect(groups).toEqual([['first'], ['next']]);
  });

  it('commits what waited through one slow commit, although it expects the next one to be slow too', async () => {
    const { commits, groups, end, at } = scene();
    const slow = commits.add('slow');
    await expect.poll(() => groups.length).toBe(1);
    at(1_000);
    const waited = [commits.add('waited', 2_500), commits.add('waits on')];
    await end(3_000);
    await slow;
    await end(3_100);
    await expect(Promise.all(waited)).resolves.toEqual(['waited committed', 'waits on committed']);
  });
});
