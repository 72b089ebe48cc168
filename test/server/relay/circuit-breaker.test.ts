import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../../src/server/relay/circuit-breaker.ts';

describe('CircuitBreaker', () => {
  function start() {
    let time = 0;
    const changes: unknown[] = [];
    const breaker = new CircuitBreaker({
      failures: 3,
      openMs: 100,
      now: () => time,
      onOpened: (opened) => changes.push(opened),
      onClosed: (closed) => changes.push(closed),
    });
    const pass = (milliseconds: number) => {
      time += milliseconds;
    };
    return { breaker, pass, changes };
  }

  function fail(breaker: CircuitBreaker, times: number) {
    for (let count = 0; count < times; count++) breaker.failed('connection refused');
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

  it('knows how long it has been open', () => {
    const { breaker, pass } = start();
    pass(50);
    expect(breaker.openMs).toBeUndefined();
    fail(breaker, 3);
    pass(30);
    expect(breaker.openMs).toBe(30);
  });

  it('counts late responses to one sender as one failure, until a success', () => {
    const { breaker } = start();
    for (let count = 0; count < 10; count++) breaker.late('T1/U1', 'no response');
    breaker.late('T1/U2', 'no response');
    expect(breaker.isOpen).toBe(false);
    breaker.succeeded();
    breaker.late('T1/U3', 'no response');
    breaker.late('T1/U4', 'no response');
    expect(breaker.isOpen).toBe(false);
    breaker.late('T1/U5', 'no response');
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

  it('reports once that it has opened and why, and once that it has closed', () => {
    const { breaker, pass, changes } = start();
    fail(breaker, 2);
    breaker.late('T1/U1', 'no response');
    const opened = { failures: 3, reason: 'no response' };
    expect(changes).toEqual([opened]);
    pass(100);
    fail(breaker, 4);
    pass(50);
    expect([breaker.openMs, changes]).toEqual([150, [opened]]);
    breaker.succeeded();
    breaker.succeeded();
    expect([breaker.openMs, changes]).toEqual([undefined, [opened, { failures: 7, openMs: 150 }]]);
  });
});
