import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { QueueLimit } from '../../store/delivery-queue.ts';

/** The default of `--queue-limit`. With SQLite, so much fits on a disk of 1 GiB. */
export const usualQueueLimit: QueueLimit = { events: 500_000, bytes: 512 * 2 ** 20 };

const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Reads `COUNT,SIZE`, such as `1000000,2GiB`, or one of the two: the other one keeps its default. */
export function parseQueueLimit(text: string): QueueLimit {
  const [first = '', second, ...rest] = text.trim().split(',');
  const events = readCount(first);
  const bytes = readSize(second ?? first);
  const isComplete = events !== undefined && bytes !== undefined;
  const isOne = second === undefined && (events ?? bytes) !== undefined;
  if (rest.length === 0 && (isComplete || isOne)) {
    return { events: events ?? usualQueueLimit.events, bytes: bytes ?? usualQueueLimit.bytes };
  }
  throw new InvalidArgumentError(
    'Pass a count of events, a size in KiB, MiB, GiB or TiB, or both, such as 1000000,2GiB.',
  );
}

function readCount(text: string): number | undefined {
  return /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;
}

function readSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^([1-9]\d{0,5})([KMGT]iB)$/.exec(text) ?? [];
  const size = Number(amount) * (units[unit] ?? Number.NaN);
  return Number.isNaN(size) ? undefined : size;
}
