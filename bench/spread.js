import { median, quantile } from './pairs.js';

/**
 * @param {readonly number[]} values
 * @returns {{ median: number, low: number, high: number }} with the quartiles
 */
export function spread(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
