import { expect, it, vi } from 'vitest';
import { type OmittedLines, UnverifiedLines } from '../../../src/server/operations/unverified-lines.ts';

function unverifiedLines() {
  vi.useFakeTimers();
  const omitted: OmittedLines[] = [];
  const lines = new UnverifiedLines((each) => omitted.push(each));
  /** @returns how many of these requests may write a line */
  const send = (clients: readonly string[], status: number) =>
    clients.filter((client) => lines.admits(client, status)).length;
  return { omitted, send };
}

const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

it('admits 20 lines of one client in 10 s', () => {
  const { omitted, send } = unverifiedLines();
  expect(send(Array(1_000).fill('192.0.2.7'), 404)).toBe(20);
  expect(send(['192.0.2.8'], 404)).toBe(1);
  vi.advanceTimersByTime(9_999);
  expect(send(['192.0.2.7'], 401)).toBe(0);
  vi.advanceTimersByTime(1);
  expect(omitted).toEqual([{ count: 981, statuses: { 401: 1, 404: 980 } }]);
  expect(send(Array(1_000).fill('192.0.2.7'), 404)).toBe(20);
});

it('admits 50 lines of all clients in 10 s', () => {
  const { omitted, send } = unverifiedLines();
  expect(send(addresses(1_000), 404)).toBe(50);
  vi.advanceTimersByTime(10_000);
  expect(omitted).toEqual([{ count: 950, statuses: { 404: 950 } }]);
});

it('counts the addresses of one IPv6 network as one client', () => {
  const { send } = unverifiedLines();
  expect(
    send(
      Array.from({ length: 100 }, (_, index) => `2001:db8::${index + 1}`),
      404,
    ),
  ).toBe(20);
});

it('reports nothing, and sets no timer, while all lines are admitted', () => {
  const { omitted, send } = unverifiedLines();
  expect(vi.getTimerCount()).toBe(0);
  send(['192.0.2.7'], 404);
  vi.advanceTimersByTime(60_000);
  expect([omitted, vi.getTimerCount()]).toEqual([[], 0]);
});
