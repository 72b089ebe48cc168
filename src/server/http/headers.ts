const none: readonly string[] = [];

/** The header fields of a request as they came. Nothing is joined and nothing dropped: one that came twice is seen twice. */
export class RequestHeaders {
  readonly #raw: readonly string[];

  /** @param raw names and values in turn, as Node's `rawHeaders` has them */
  constructor(raw: readonly string[]) {
    this.#raw = raw;
  }

  /**
   * Every value of one header, in order.
   *
   * @param name in lower case
   */
  values(name: string): readonly string[] {
    let values = none;
    for (let index = 0; index < this.#raw.length; index += 2) {
      const other = this.#raw[index];
      // Few names are of one length: most are told apart without a lower-case copy.
      if (other?.length !== name.length || other.toLowerCase() !== name) continue;
      const value = this.#raw[index + 1] ?? '';
      values = values === none ? [value] : [...values, value];
    }
    return values;
  }

  /** Every value by lower-case name. The object has no prototype, so that any name may stand in it. */
  all(): Readonly<Record<string, readonly string[]>> {
    const all: Record<string, string[]> = Object.create(null);
    for (let index = 0; index < this.#raw.length; index += 2) {
      const name = (this.#raw[index] ?? '').toLowerCase();
      all[name] = [...(all[name] ?? []), this.#raw[index + 1] ?? ''];
    }
    return all;
  }
}
