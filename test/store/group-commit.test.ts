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

  it('commits what is in time to the millisecond', async () => {
    const { commits, groups, end } = scene();
    const first = commits.add('first');
    await expect.poll(() => groups.length).toBe(1);
    const last = commits.add('last', 500);
    const late = expect(commits.add('late', 499)).rejects.toThrow('its time was up before its commit');
    await end(500);
    await late;
    await end(600);
    await expect(Promise.all([first, last])).resolves.toEqual(['first committed', 'last committed']);
    expect(groups).toEqual([['first'], ['last']]);
  });

  it('reports how many wait if there is no time for another', async () => {
    const { commits, groups, end } = scene();
    const first = commits.add('first');
    await expect.poll(() => groups.length).toBe(1);
    const next = commits.add('next');
    await expect(commits.add('late', -1)).rejects.toMatchObject({ name: 'NotInTime', message: '1 waiting' });
    await end(0);
    await end(0);
    await Promise.all([first, next]);
    expect(groups).toEqual([['first'], ['next']]);
  });

  it('is idle when what waits is committed too, and commits what is added later', async () => {
    const { commits, groups, end } = scene();
    await expect(commits.idle()).resolves.toBeUndefined();
    const added = [commits.add('first')];
    await expect.poll(() => groups.length).toBe(1);
    added.push(commits.add('second'));
    let isIdle = false;
    const idle = commits.idle().then(() => {
      isIdle = true;
    });
    await end(0);
    expect(isIdle).toBe(false);
    await end(0);
    await idle;
    await Promise.all(added);
    const third = commits.add('third');
    await end(0);
    await expect(third).resolves.toBe('third committed');
  });

  /** Commits groups at once. Those that hold `bad` fail with an error of that item, unless the store is down. */
  function failing(isDown = false) {
    const groups: (readonly string[])[] = [];
    const badItem = new Error('bad item');
    const storeDown = new Error('store down');
    const commits = new GroupCommit<string, string>(
      async (items) => {
        groups.push(items);
        if (isDown) throw storeDown;
        if (items.includes('bad')) throw badItem;
        return items.filter((item) => item !== 'lost').map((item) => `${item} committed`);
      },
      (error) => error === badItem,
      () => 0,
    );
    return { commits, groups, badItem, storeDown };
  }

  it('commits what arrives together in one group', async () => {
    const { commits, groups } = failing();
    const results = await Promise.all(['first', 'second', 'third'].map((item) => commits.add(item)));
    expect(results).toEqual(['first committed', 'second committed', 'third committed']);
    expect(groups).toEqual([['first', 'second', 'third']]);
  });

  it('commits each item alone if one made the commit fail, and rejects only that one', async () => {
    const { commits, groups, badItem } = failing();
    const results = await Promise.allSettled(['first', 'bad', 'last'].map((item) => commits.add(item)));
    expect(results).toEqual([
      { status: 'fulfilled', value: 'first committed' },
      { status: 'rejected', reason: badItem },
      { status: 'fulfilled', value: 'last committed' },
    ]);
    expect(groups).toEqual([['first', 'bad', 'last'], ['first'], ['bad'], ['last']]);
  });

  it('rejects the whole group after one attempt if the store failed', async () => {
    const { commits, groups, storeDown } = failing(true);
    const results = await Promise.allSettled(['first', 'second'].map((item) => commits.add(item)));
    expect(results).toEqual(Array(2).fill({ status: 'rejected', reason: storeDown }));
    expect(groups).toEqual([['first', 'second']]);
  });

  it('commits half as many items at once after a commit that failed', async () => {
    const { commits, groups } = failing(true);
    await Promise.allSettled(Array.from({ length: 100 }, (_, index) => commits.add(`${index}`)));
    await Promise.allSettled(Array.from({ length: 100 }, (_, index) => commits.add(`${index}`)));
    expect(groups.slice(0, 2).map(({ length }) => length)).toEqual([100, 50]);
  });

  it('never reports an item as committed without a result of its commit', async () => {
    const { commits } = failing();
    const results = await Promise.allSettled([commits.add('first'), commits.add('lost')]);
    expect(results).toEqual([
      { status: 'fulfilled', value: 'first committed' },
      { status: 'rejected', reason: new Error('a commit returned fewer results than it got items') },
    ]);
  });
});
