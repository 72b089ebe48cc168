// What is measured in turn is compared in pairs: whatever else the machine does falls on both.
import { spawnSync } from 'node:child_process';

/** The value below which this share of a list is. */
export function quantile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (list) => quantile(list, 0.5);

/**
 * Compares what was measured in the same turns.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 * @returns {{ ratio: number, low: number, high: number }} the median and the quartiles of the ratios
 */
export function comparePairs(values, base) {
  const ratios = values.map((value, turn) => value / base[turn]);
  return { ratio: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}

/**
 * Starts Node for each case in turn, and measures each whole run in milliseconds.
 *
 * @param {Readonly<Record<string, string[]>>} cases the arguments of each case; the first is what the others are compared with
 * @param {number} turns
 * @param {string} node the program
 * @returns {{ name: string, milliseconds: number, ratio: number, low: number, high: number }[]} medians, and the quartiles of
 * the ratios
 */
export function compareStarts(cases, turns, node = process.execPath) {
  const times = Object.values(cases).map(() => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, [name, args]] of Object.entries(cases).entries()) {
      const start = performance.now();
      const { status, stderr } = spawnSync(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      times[index].push(performance.now() - start);
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
    }
  }
  return Object.keys(cases).map((name, index) => ({
    name,
    milliseconds: median(times[index]),
    ...comparePairs(times[index], times[0]),
  }));
}
