import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LoadShedding, sheddingTimes } from '../../../src/server/http/load-shedding.ts';
import { WaitingTime } from '../../../src/server/http/waiting-time.ts';

/** What a request costs, in milliseconds: at most 100 a second can be handled. */
const cost = { handled: 10, refused: 0.4 };
/** How many turns of the event loop it takes to handle a request. */
const turnsOfRequest = 4;
/** When Slack no longer waits, in milliseconds. */
const tooLate = 3_000;

/**
 * Simulates an event loop for 60 s.
 *
 * @param arrives when each request arrives, in milliseconds
 * @returns how many requests had a response in time, and how many were refused
 */
function simulate(arrives: readonly number[], sheds = true) {
  const shedding = new LoadShedding();
  const waiting = new WaitingTime();
  const socket = new Duplex();
  let now = 0;
  let active = 0;
  const work = (milliseconds: number) => {
    now += milliseconds;
    active += milliseconds;
  };
  /** The requests that are being handled, by the turn in which each has begun. */
  let begun: { arrived: number; turn: number }[] = [];
  let inTime = 0;
  let refused = 0;
  let next = 0;
  for (let turn = 0; next < arrives.length || begun.length > 0; turn++) {
    if (begun.length === 0) now = Math.max(now, arrives[next] ?? now);
    const polled = now;
    for (const { arrived } of begun.filter((one) => turn - one.turn === turnsOfRequest)) {
      shedding.finished(now);
      if (now - arrived <= tooLate) inTime += 1;
    }
    begun = begun.filter((one) => turn - one.turn < turnsOfRequest);
    for (let arrived = arrives[next]; arrived !== undefined && arrived <= polled; arrived = arrives[++next]) {
      if (!sheds || shedding.admits(waiting.ofRequest(socket, active), now)) {
        shedding.begun();
        begun.push({ arrived, turn });
        work(cost.handled);
      } else {
        refused += 1;
        work(cost.refused);
      }
    }
    waiting.turnEnded(active, false);
  }
  return { inTime, refused };
}

const seconds = 60;
const steadily = (perSecond: number) =>
  Array.from({ length: perSecond * seconds }, (_, index) => (index * 1_000) / perSecond);

describe('LoadShedding', () => {
  it('refuses nothing at 90% of what can be handled', () => {
    expect(simulate(steadily(90))).toEqual({ inTime: 90 * seconds, refused: 0 });
  });

  it.each([2, 5, 10])('keeps at least half of the goodput at %d times what can be handled', (times) => {
    expect(simulate(steadily(100 * times), false).inTime).toBeLessThan(10 * seconds);
    expect(simulate(steadily(100 * times)).inTime).toBeGreaterThan(50 * seconds);
  });

  it('refuses nothing of a burst that is handled soon', () => {
    const burst = Array.from({ length: 60 }, () => 0);
    expect(simulate([...burst, 1_000, 1_010])).toEqual({ inTime: 62, refused: 0 });
  });

  it('gives a burst no grace soon after it has refused requests, and again after some time', () => {
    const { late, grace, calm } = sheddingTimes;
    const shedding = new LoadShedding();
    /** How many of 100 requests at once are admitted. */
    const admitted = (now: number, waited: number) => {
      const requests = Array.from({ length: 100 }, () => shedding.admits(waited, now));
      return requests.filter(Boolean).length;
    };
    const begin = (count: number) => {
      for (let index = 0; index < count; index++) shedding.begun();
    };
    begin(16);
    expect(admitted(0, late)).toBe(100);
    expect(admitted(grace, late)).toBe(0);
    expect(shedding.isShedding(grace)).toBe(true);
    expect(admitted(grace + 1, 0)).toBe(100);
    expect(admitted(grace + calm - 1, late)).toBe(0);
    expect(shedding.isShedding(grace + 2 * calm)).toBe(false);
    expect(admitted(grace + 2 * calm, late)).toBe(100);
  });

  it('refuses none of a burst that waited while the process was paused', () => {
    const shedding = new LoadShedding();
    const admitted = Array.from({ length: 50 }, (_, index) => {
      const admits = shedding.admits(1_900, 10_000 + index);
      if (admits) shedding.begun();
      return admits && !shedding.isTooLate(sheddingTimes.total, 10_000 + index);
    });
    expect(admitted).toEqual(Array(50).fill(true));
  });

  describe('after the grace', () => {
    const { late, grace, calm, total } = sheddingTimes;
    /** The end of the grace, since the first late request at 0. */
    const start = 1_000;
    const none: readonly number[] = [];

    /**
     * @param finishedAt when requests finish
     * @param active how many requests are being handled when the last has finished
     */
    function overloaded(finishedAt = none, active = 0): LoadShedding {
      const shedding = new LoadShedding();
      shedding.admits(late, start - grace);
      shedding.admits(late, start);
      for (let count = 0; count < finishedAt.length + active; count++) shedding.begun();
      for (const at of finishedAt) shedding.finished(at);
      return shedding;
    }
    const times = (count: number, at: number) => Array.from({ length: count }, () => at);
    /** How many late requests can begin at once. */
    const admitted = (shedding: LoadShedding, now: number, waited: number) => {
      let count = 0;
      for (; count < 1_000 && shedding.admits(waited, now); count++) shedding.begun();
      return count;
    };

    it('admits 16 late requests at once while none has finished, if Slack still waits', () => {
      expect(admitted(overloaded(), start, total - 1)).toBe(16);
      expect(admitted(overloaded(), start, total)).toBe(0);
    });

    it.each([
      [late, 38],
      [1_000, 20],
      [1_500, 16],
      [total, 0],
    ])('admits after %d ms as many as finish within 2 s at 20 requests a second: %d', (waited, most) => {
      expect(admitted(overloaded(times(20, start + 500)), start + 500, waited)).toBe(most);
    });

    it('subtracts the requests that are being handled', () => {
      expect(admitted(overloaded(times(100, start), 30), start, 1_000)).toBe(70);
    });

    it.each([
      [1_999, 40],
      [2_000, 40],
      [3_000, 16],
    ])('counts what has finished until nothing does for a second: at %d ms %d', (now, most) => {
      expect(admitted(overloaded(times(40, 1_000)), now, 1_000)).toBe(most);
    });

    it.each([
      [2_000, 50],
      [2_250, 40],
      [2_500, 30],
      [2_750, 20],
    ])('counts less of the last second the more of this one has passed: at %d ms %d', (now, most) => {
      const finishedAt = [...times(40, 1_000), ...times(10, 2_000)];
      expect(admitted(overloaded(finishedAt), now, 1_000)).toBe(most);
    });

    it.each([
      [2_999, 41],
      [3_000, 16],
    ])(
      'forgets the requests of a second after which none finished for a second: at %d ms %d',
      (now, most) => {
        // The next one to finish starts a second of its own.
        const finishedAt = [...times(40, 1_000), now];
        expect(admitted(overloaded(finishedAt), now, 1_000)).toBe(most);
      },
    );

    it('admits every request that is not late', () => {
      const shedding = overloaded(none, 16);
      expect(shedding.admits(late - 1, start)).toBe(true);
      expect(shedding.admits(late, start)).toBe(false);
    });

    it('reports for one second that it has refused a request', () => {
      const shedding = overloaded(none, 16);
      expect(shedding.isShedding(start)).toBe(false);
      shedding.admits(late, start);
      shedding.admits(0, start + 500);
      expect(shedding.isShedding(start + 999)).toBe(true);
      expect(shedding.isShedding(start + 1_000)).toBe(false);
    });

    it('is too late for a connection that has waited 2 s, and reports it as refused', () => {
      const shedding = overloaded();
      expect(shedding.isTooLate(total - 1, start)).toBe(false);
      expect(shedding.isShedding(start)).toBe(false);
      expect(shedding.isTooLate(total, start)).toBe(true);
      expect(shedding.isShedding(start)).toBe(true);
    });

    it('ends the grace with late connections alone', () => {
      const shedding = new LoadShedding();
      expect(shedding.isTooLate(total, start)).toBe(false);
      expect(shedding.isTooLate(total, start + grace - 1)).toBe(false);
      expect(shedding.isTooLate(total, start + grace)).toBe(true);
    });

    it('gives a grace again when no request was late for 10 s', () => {
      expect(admitted(overloaded(), start + calm - 1, total)).toBe(0);
      expect(overloaded().admits(total, start + calm)).toBe(true);
    });
  });

  it('does not count requests that have not arrived as a whole', () => {
    const shedding = new LoadShedding();
    const slow = Array.from({ length: 100 }, (_, index) => shedding.admits(sheddingTimes.late, 10 * index));
    expect(slow).toEqual(Array(100).fill(true));
  });
});

describe('WaitingTime', () => {
  it('counts the turn in which a request may have arrived, and the present one', () => {
    const waiting = new WaitingTime();
    const socket = new Duplex();
    waiting.turnEnded(100, false);
    waiting.turnEnded(130, false);
    waiting.turnEnded(170, false);
    expect(waiting.ofRequest(socket, 175)).toBe(45);
  });

  it('counts all turns since no connection waited, for the first request of a connection', () => {
    const waiting = new WaitingTime();
    const [first, second] = [new Duplex(), new Duplex()];
    waiting.turnEnded(100, false);
    waiting.turnEnded(110, false);
    expect(waiting.ofConnection(first, 115)).toBe(15);
    waiting.turnEnded(120, false);
    expect(waiting.ofConnection(second, 125)).toBe(25);
    waiting.turnEnded(130, false);
    expect(waiting.ofRequest(second, 132)).toBe(25);
    expect(waiting.ofRequest(second, 132)).toBe(12);
    waiting.ofConnection(first, 135);
    waiting.turnEnded(140, true);
    expect(waiting.ofConnection(second, 145)).toBe(15);
  });

  it('counts at most as many connections before one as wait in the kernel', () => {
    const waiting = new WaitingTime();
    let waited = 0;
    for (let turn = 1; turn <= 2_000; turn++) {
      waited = waiting.ofConnection(new Duplex(), turn);
      waiting.turnEnded(turn, false);
    }
    expect(waited).toBe(512);
  });
});
