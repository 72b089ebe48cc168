import { expect, it } from 'vitest';
import { keyedCounters } from '../../../src/server/http/client-counters.ts';

const addresses = Array.from({ length: 5_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);

it('chooses the same counter for a client each time, and for its whole IPv6 network', () => {
  const counterOf = keyedCounters();
  const all = addresses.map(counterOf);
  expect(addresses.map(counterOf)).toEqual(all);
  expect(counterOf('10.1.0.0')).toBe(counterOf('10.1.0.0'));
  expect(new Set(all).size).toBeGreaterThan(4_000);
  expect(counterOf('2001:db8::1')).toBe(counterOf('2001:db8::ffff:1'));
});

it('SECURITY.md: an attacker cannot choose an address that shares a rate-limit counter with another client', () => {
  const victim = '192.0.2.7';
  const [one, other] = [keyedCounters(), keyedCounters()];
  const colliding = (counterOf: (client: string) => number) =>
    addresses.map((address) => counterOf(address) - counterOf(victim));
  // What collides in one process does not collide in the next one.
  expect(colliding(one)).not.toEqual(colliding(other));
});
