// Tables in Markdown, as the parts of the benchmark print them.

/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly (string | number)[])[]} rows names, then figures
 * @param {{ names?: number }} [options] how many cells of a row are names
 * @returns {string}
 */
export function table(columns, rows, { names = 1 } = {}) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const alignment = columns.map((_, index) => (index < names ? '---' : '---:'));
  return [columns, alignment, ...rows].map(line).join('\n');
}

/**
 * A number for people: three significant digits, or all of a large integer.
 *
 * @param {number} value
 */
export function figure(value) {
  if (value >= 100) return count(value);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * A whole number for people, with separators of thousands.
 *
 * @param {number} value
 */
export function count(value) {
  return Math.round(value).toLocaleString('en');
}

/**
 * A ratio with its quartiles.
 *
 * @param {{ ratio: number, low: number, high: number }} compared
 */
export function ratioCell({ ratio, low, high }) {
  return `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/**
 * A median with its quartiles.
 *
 * @param {{ median: number, low: number, high: number }} spread
 */
export function spreadCell({ median, low, high }) {
  return `${figure(median)} (${figure(low)}–${figure(high)})`;
}
