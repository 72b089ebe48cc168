/** How many rows one statement changes, so that none runs into its time limit or holds up an event for long. */
export const stepSize = 1000;

/**
 * Takes steps until one of them was short.
 *
 * @param step changes {@link stepSize} rows at most, and says how many
 * @returns how many rows were changed in all
 */
export async function inSteps(step: () => Promise<number>): Promise<number> {
  for (let all = 0; ; ) {
    const changed = await step();
    all += changed;
    if (changed < stepSize) return all;
  }
}
