import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { WaitingTime } from '../../../src/server/http/waiting-time.ts';

/** A connection that was accepted behind another one, after a turn of 1,500 ms. */
function acceptLate() {
  const waiting = new WaitingTime();
  const socket = new Duplex();
  waiting.turnEnded(0, true);
  waiting.ofConnection(new Duplex(), 1);
  waiting.turnEnded(1_500, false);
  expect(waiting.ofConnection(socket, 1_501)).toBe(1_501);
  waiting.turnEnded(1_502, false);
  return { waiting, socket };
}

it('counts how long the connection of a first request has waited', () => {
  const { waiting, socket } = acceptLate();
  expect(waiting.ofRequest(socket, 1_503)).toBe(1_501);
});

it('does not count it for a first request that arrives later', () => {
  const { waiting, socket } = acceptLate();
  waiting.turnEnded(1_510, true);
  waiting.turnEnded(1_520, true);
  expect(waiting.ofRequest(socket, 1_521)).toBe(11);
});

it('counts it for the first request alone', () => {
  const { waiting, socket } = acceptLate();
  waiting.ofRequest(socket, 1_503);
  expect(waiting.ofRequest(socket, 1_503)).toBe(3);
});
