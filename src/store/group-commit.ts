/** How many items one commit has at most. It bounds a statement's parameters, and what one failure rolls back. */
const maxGroupSize = 256;

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Commits items that arrive together in one transaction, so that one flush of the disk serves them all. While a group
 * is being committed, the next one collects.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #isOfOneItem: (error: unknown) => boolean;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param commit commits a group, all or nothing, and returns one result for each item, in order
   * @param isOfOneItem whether an error of `commit` is due to what one of the items contains: then each is committed alone
   */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Result[]>,
    isOfOneItem: (error: unknown) => boolean,
  ) {
    this.#commit = commit;
    this.#isOfOneItem = isOfOneItem;
  }

  /** Resolves when the item is committed. Rejects if it could not be committed. */
  add(item: Item): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
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
      await this.#runGroup(this.#waiting.splice(0, maxGroupSize));
    }
    this.#running = undefined;
  }

  async #runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('a commit returned fewer results than it got items'));
        else resolve(result);
      });
    } catch (error) {
      if (group.length > 1 && this.#isOfOneItem(error)) for (const one of group) await this.#runGroup([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}
