import { InvalidArgumentError } from '@commander-js/extra-typings';

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: hour, d: 24 * hour };

/** Reads a duration such as `500ms`, `30s`, `5m`, `1h`, or a bare number of seconds. Returns milliseconds. */
export function parseDuration(text: string): number {
  const duration = /^[\d.]+$/.test(text.trim()) ? `${text.trim()}s` : text;
  return read(duration, 24 * hour, 'Give a duration such as 30s, 5m or 1h; a number alone is seconds.');
}

/**
 * The same for what may take as long as 30 days: `12h`, `3d`. The unit has to be named, for `24` may be meant as hours
 * as well.
 */
export function parseLongDuration(text: string): number {
  return read(
    text,
    30 * 24 * hour,
    'Give a duration with its unit, such as 90m, 12h or 3d, of 30 days at most.',
  );
}

function read(text: string, longest: number, hint: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (!(milliseconds > 0) || milliseconds > longest) throw new InvalidArgumentError(hint);
  return milliseconds;
}
