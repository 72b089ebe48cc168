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

  it('lets all requests through until the given number of consecutive failures', () => {
    const { breaker } = start();
    fail(breaker, 2);
    breaker.succeeded();
    fail(breaker, 2);
    expect([breaker.isOpen, breaker.waitMs, breaker.admit()]).toEqual([false, 0, true]);
    fail(breaker, 1);
    expect([breaker.isOpen, breaker.waitMs, breaker.admit()]).toEqual([true, 100, false]);
  });

  it('counts late responses to one sender as one failure, until a success', () => {
    const { breaker } = start();
    for (let count = 0; count < 10; count++) breaker.late('T1/U1');
    breaker.late('T1/U2');
    expect(breaker.isOpen).toBe(false);
    breaker.succeeded();
    breaker.late('T1/U3');
    breaker.late('T1/U4');
    expect(breaker.isOpen).toBe(false);
    breaker.late('T1/U5');
    expect([breaker.isOpen, breaker.waitMs]).toEqual([true, 100]);
  });

  it('lets one request through after the open time, and closes when it succeeds', () => {
    const { breaker, pass } = start();
    fail(breaker, 3);
    pass(99);
    expect(breaker.admit()).toBe(false);
    pass(1);
    expect([breaker.admit(), breaker.admit()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.isOpen, breaker.admit(), breaker.admit()]).toEqual([false, true, true]);
  });

  it('stays open when that request fails or never ends', () => {
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
