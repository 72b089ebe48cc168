/**
 * Counts how many of the values that a generator made reach what the property is about. A property over values that never
 * get there cannot fail.
 */
export class Reach<Name extends string> {
  #values = 0;
  readonly #counts = new Map<Name, number>();

  /** Counts one value, with whether it reached each of the named places. */
  count(places: Readonly<Record<Name, boolean>>): void {
    this.#values += 1;
    for (const name of Object.keys(places) as Name[]) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + (places[name] ? 1 : 0));
    }
  }

  /** The places that less than this share of the values reached, with their shares. */
  below(share: number): readonly string[] {
    return [...this.#counts]
      .filter(([, count]) => count < share * this.#values)
      .map(([name, count]) => `${name}: ${count} of ${this.#values}`);
  }
}
