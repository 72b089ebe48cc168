// What is measured in turn is compared in pairs: whatever else the machine does falls on both.
import { spawnSync } from 'node:child_process';

/** The value below which this share of a list is. */
function quantile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (list) => quantile(list, 0.5);

/**
 * Starts Node for each case in turn, and measures each whole run in milliseconds.
 *
 * @param {Readonly<Record<string, string[]>>} cases the arguments of each case; the first is what the others are compared with
 * @param {number} turns
 * @returns {{ name: string, milliseconds: number, ratio: number, low: number, high: number }[]} medians, and the quartiles of
 * the ratios
 */
export function compareStarts(cases, turns) {
  const times = Object.values(cases).map(() => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, [name, args]] of Object.entries(cases).entries()) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      times[index].push(performance.now() - start);
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
    }
  }
  return Object.keys(cases).map((name, index) => {
    const ratios = times[index].map((time, turn) => time / times[0][turn]);
    return {
      name,
      milliseconds: median(times[index]),
      ratio: median(ratios),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
    };
  });
}
