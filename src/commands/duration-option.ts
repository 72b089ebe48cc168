import { InvalidArgumentError } from '@commander-js/extra-typings';

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: hour, d: 24 * hour };

/** Reads a duration such as `500ms`, `30s`, `5m`, `1h`, or a bare number of seconds. Returns milliseconds. */
export function parseDuration(text: string): number {
  return read(text, 24 * hour, 'Give a duration such as 30s, 5m or 1h.');
}

/** The same for what may take as long as 30 days: `12h`, `3d`. */
export function parseLongDuration(text: string): number {
  return read(text, 30 * 24 * hour, 'Give a duration such as 90m, 12h or 3d, of 30 days at most.');
}

function read(text: string, longest: number, hint: string): number {
  const [, amount = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (amount === '' || !(milliseconds > 0) || milliseconds > longest) throw new InvalidArgumentError(hint);
  return milliseconds;
}
