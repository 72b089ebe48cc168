import { InvalidArgumentError } from '@commander-js/extra-typings';

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: hour, d: 24 * hour };

/** Reads a duration such as `500ms`, `30s`, `5m`, `1h`, or a bare number of seconds. Returns milliseconds. */
export function parseDuration(text: string): number {
  const duration = /^[\d.]+$/.test(text.trim()) ? `${text.trim()}s` : text;
  return read(duration, 24 * hour, 'Pass a duration such as 30s, 5m or 1h; a number alone is seconds.');
}

/**
 * Reads a duration of up to 30 days: `12h`, `3d`. The unit is required: `24` may be meant as hours.
 */
export function parseLongDuration(text: string): number {
  return read(text, 30 * 24 * hour, 'Pass a duration with its unit, such as 90m, 12h or 3d, up to 30 days.');
}

function read(text: string, longest: number, hint: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (!(milliseconds > 0) || milliseconds > longest) throw new InvalidArgumentError(hint);
  return milliseconds;
}
