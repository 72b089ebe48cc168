import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../../src/server/relay/circuit-breaker.ts';

describe('CircuitBreaker', () => {
  function start() {
    let time = 0;
    const breaker = new CircuitBreaker({ failures: 3, openMs: 100, now: () => time });
    const pass = (milliseconds: number) => {
      time += milliseconds;
    };
    return { breaker, pass };
  }

  function fail(breaker: CircuitBreaker, times: number) {
    for (let count = 0; count < times; count++) breaker.failed();
  }

  it('lets everything through until so many in a row have failed', () => {
    const { breaker } = start();
    fail(breaker, 2);
    breaker.succeeded();
    fail(breaker, 2);
    expect([breaker.isOpen, breaker.waitMs, breaker.admit()]).toEqual([false, 0, true]);
    fail(breaker, 1);
    expect([breaker.isOpen, breaker.waitMs, breaker.admit()]).toEqual([true, 100, false]);
  });

  it('lets one through when its time is up, and closes when that one succeeds', () => {
    const { breaker, pass } = start();
    fail(breaker, 3);
    pass(99);
    expect(breaker.admit()).toBe(false);
    pass(1);
    expect([breaker.admit(), breaker.admit()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.isOpen, breaker.admit(), breaker.admit()]).toEqual([false, true, true]);
  });

  it('waits anew when that one fails, or is never heard of again', () => {
    const { breaker, pass } = start();
    fail(breaker, 3);
    pass(100);
    expect(breaker.admit()).toBe(true);
    pass(40);
    fail(breaker, 1);
    expect(breaker.waitMs).toBe(100);
    pass(100);
    expect(breaker.admit()).toBe(true);
    pass(100);
    expect(breaker.admit()).toBe(true);
  });
});
