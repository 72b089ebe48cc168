import { describe, expect, it } from 'vitest';
import { isFull, QueueRoom, usedRatio } from '../../src/store/queue-room.ts';

const limit = { events: 3, bytes: 100 };
const holding = (queuedEvents: number, queuedBytes: number) => new QueueRoom({ queuedEvents, queuedBytes });

describe('QueueRoom', () => {
  it.each([
    [2, 0, 1, true],
    [3, 0, 1, false],
    [4, 0, 0, false],
    [0, 90, 10, true],
    [0, 90, 11, false],
    [0, 100, 0, true],
    [0, 101, 0, false],
  ])('with %d events and %d bytes, an event of %d bytes fits: %s', (events, bytes, size, fits) => {
    expect(holding(events, bytes).admits(size, limit)).toBe(fits);
  });

  it('counts the events that it has admitted, and no others', () => {
    const room = holding(1, 50);
    expect([40, 20, 10, 0].map((bytes) => room.admits(bytes, limit))).toEqual([true, false, true, false]);
  });

  it('has room for everything without a limit, and counts it', () => {
    const room = new QueueRoom(undefined);
    expect([1, 2, 3].map(() => room.admits(1_000, undefined))).toEqual([true, true, true]);
    expect(room.admits(0, limit)).toBe(false);
  });

  it('begins with nothing if no event of the group is new', () => {
    const room = new QueueRoom(undefined);
    expect([100, 0, 0, 0].map((bytes) => room.admits(bytes, limit))).toEqual([true, true, true, false]);
  });
});

it.each([
  ['has room', { waiting: 1, setAside: 1, bytes: 0 }, false],
  ['is full if events in both states reach the count', { waiting: 2, setAside: 1, bytes: 0 }, true],
  ['is full if no event of 1 KiB fits', { waiting: 0, setAside: 0, bytes: 2 ** 20 - 1023 }, true],
  ['has room for one event of 1 KiB', { waiting: 0, setAside: 0, bytes: 2 ** 20 - 1024 }, false],
])('%s', (_name, lengths, full) => {
  expect(isFull({ ...lengths, waitingSince: undefined }, { events: 3, bytes: 2 ** 20 })).toBe(full);
});

it.each([
  ['by count, of events in both states', { waiting: 1, setAside: 2, bytes: 10 }, 0.75],
  ['by bytes, which are more', { waiting: 1, setAside: 0, bytes: 50 }, 0.5],
])('the used share of the limit is %s', (_name, lengths, share) => {
  expect(usedRatio({ ...lengths, waitingSince: undefined }, { events: 4, bytes: 100 })).toBe(share);
});
