import { CommitForecast } from './commit-forecast.ts';

/** The error of an item that is not committed, because it would be too late. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}

interface Waiting<Item, Result> {
  readonly item: Item;
  /** When it must be committed, in milliseconds by the steady clock. */
  readonly deadline: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Commits items that arrive together in one transaction, so that one flush of the disk serves them all. While a group
 * is being committed, the next one collects. What would be committed too late is refused, so that the store works only
 * for items that somebody still waits for.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #isOfOneItem: (error: unknown) => boolean;
  readonly #forecast = new CommitForecast();
  readonly #steadyNow: () => number;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param commit commits a group, all or nothing, and returns one result for each item, in order
   * @param isOfOneItem whether an error of `commit` is due to what one of the items contains: then each is committed alone
   * @param steadyNow a steady clock, in milliseconds
   */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Result[]>,
    isOfOneItem: (error: unknown) => boolean,
    steadyNow: () => number,
  ) {
    this.#commit = commit;
    this.#isOfOneItem = isOfOneItem;
    this.#steadyNow = steadyNow;
  }

  /**
   * Resolves when the item is committed. Rejects if it could not be committed.
   *
   * @param timeLimit how long somebody waits for the commit, in milliseconds
   * @throws NotInTime if the item is not committed within that time, unless its commit has started
   */
  async add(item: Item, timeLimit = Number.POSITIVE_INFINITY): Promise<Result> {
    const now = this.#steadyNow();
    const deadline = now + timeLimit;
    if (!this.#forecast.admits(this.#waiting.length, now, deadline)) {
      throw new NotInTime(`${this.#waiting.length} waiting`);
    }
    const result = new Promise<Result>((resolve, reject) =>
      this.#waiting.push({ item, deadline, resolve, reject }),
    );
    this.#running ??= this.#run();
    return result;
  }

  /** Resolves when nothing is waiting or being committed. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Requests that were read in this turn of the event loop join the first group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      if (group.length > 0) await this.#runGroup(group);
    }
    this.#running = undefined;
  }

  /**
   * The next items, without those whose time is up. Those that are expected to be late stay: one slow commit may be an
   * exception.
   */
  #nextGroup(): readonly Waiting<Item, Result>[] {
    const now = this.#steadyNow();
    for (const { deadline, reject } of this.#waiting) {
      if (deadline < now) reject(new NotInTime('its time was up before its commit'));
    }
    this.#waiting = this.#waiting.filter(({ deadline }) => deadline >= now);
    return this.#waiting.splice(0, this.#forecast.groupSize);
  }

  async #runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#forecast.started(this.#steadyNow());
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      this.#forecast.ended(this.#steadyNow(), group.length, true);
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('a commit returned fewer results than it got items'));
        else resolve(result);
      });
    } catch (error) {
      this.#forecast.ended(this.#steadyNow(), group.length, false);
      if (group.length > 1 && this.#isOfOneItem(error)) for (const one of group) await this.#runGroup([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}
