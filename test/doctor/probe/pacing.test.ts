import { describe, expect, it, vi } from 'vitest';
import type { ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import { isRateLimit, pace } from '../../../src/doctor/probe/pacing.ts';

function response(status: number, headers: Record<string, string> = {}): ProbeResult {
  return {
    responded: true,
    status,
    headers,
    body: '',
    cutOff: false,
    durationMs: 1,
    clockSkewSeconds: undefined,
  };
}

/** A pace whose waits take no time, with what happened in order. */
function open(now = 0) {
  const waits: number[] = [];
  const paced = pace({
    pause: async (milliseconds) => {
      waits.push(milliseconds);
    },
    now: () => now,
  });
  return { paced, waits };
}

const statusOf = (result: ProbeResult) => result.responded && result.status;

describe('pace', () => {
  it('sends six requests at once, and the next when one has ended', async () => {
    const { paced } = open();
    const ends: ((result: ProbeResult) => void)[] = [];
    const all = Array.from({ length: 8 }, () =>
      paced(() => new Promise<ProbeResult>((resolve) => ends.push(resolve))),
    );
    await settled();
    expect(ends).toHaveLength(6);
    ends[0]?.(response(200));
    await settled();
    expect(ends).toHaveLength(7);
    for (let index = 0; index < 8; index += 1) {
      ends[index]?.(response(200));
      await settled();
    }
    expect(await Promise.all(all)).toHaveLength(8);
  });

  it('sends an urgent request although six are under way', async () => {
    const { paced } = open();
    for (let index = 0; index < 6; index += 1) paced(() => new Promise(() => undefined));
    expect(statusOf(await paced(async () => response(404), 'at once'))).toBe(404);
  });

  it('sends a request alone when all others have ended', async () => {
    const { paced } = open();
    const ends: ((result: ProbeResult) => void)[] = [];
    const other = () => paced(() => new Promise<ProbeResult>((resolve) => ends.push(resolve)));
    const others = [other(), other()];
    let alone = false;
    const last = paced(async () => {
      alone = true;
      return response(200);
    }, 'alone');
    await settled();
    ends[0]?.(response(200));
    await settled();
    expect(alone).toBe(false);
    ends[1]?.(response(200));
    await Promise.all([...others, last]);
    expect(alone).toBe(true);
  });

  it('sends one alone after those that came later, and one again before those that wait', async () => {
    const { paced } = open();
    const order: string[] = [];
    const ends = new Map<string, (result: ProbeResult) => void>();
    const send = (name: string, turn?: 'alone') =>
      paced(() => {
        order.push(name);
        return new Promise<ProbeResult>((resolve) => ends.set(name, resolve));
      }, turn);
    const end = async (name: string, status = 200) => {
      ends.get(name)?.(response(status));
      await settled();
    };
    const active = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = [...active.map((name) => send(name)), send('alone', 'alone'), send('later'), send('last')];
    await settled();
    await end('a', 429);
    for (const name of ['b', 'c', 'd', 'e', 'f', 'later', 'a', 'last', 'alone']) await end(name);
    await Promise.all(all);
    expect(order).toEqual([...active, 'later', 'a', 'last', 'alone']);
  });

  it('sends a request again after a rate limit, and spaces those behind it', async () => {
    const { paced, waits } = open();
    const statuses = [429, 401];
    expect(statusOf(await paced(async () => response(statuses.shift() ?? 0)))).toBe(401);
    expect(statusOf(await paced(async () => response(200)))).toBe(200);
    expect(waits).toEqual([1_100, 1_100]);
  });

  it.each([
    ['seconds', '3', 3_000],
    ['a date', new Date(5_000).toUTCString(), 5_000],
    ['a word that it does not know', 'soon', 1_100],
    ['a number with a unit', '3s', 1_100],
    ['a date of another format', '1970-01-01T00:00:05+00:00', 5_000],
    ['as many seconds as a run waits', '13', 13_000],
  ])('waits for as long as Retry-After says in %s', async (_, value, wait) => {
    const { paced, waits } = open();
    const responses = [response(503, { 'retry-after': value }), response(200)];
    await paced(async () => responses.shift() ?? response(0));
    expect(waits).toEqual([wait]);
  });

  it('keeps the longest time that a rate limit has named', async () => {
    const { paced, waits } = open();
    for (const seconds of ['3', '1']) {
      const responses = [response(429, { 'retry-after': seconds }), response(200)];
      await paced(async () => responses.shift() ?? response(0));
    }
    expect(waits).toEqual([3_000, 3_000, 3_000]);
  });

  it('sends at once what a date in the past allows', async () => {
    const { paced, waits } = open(9_000);
    const responses = [response(429, { 'retry-after': new Date(5_000).toUTCString() }), response(200)];
    expect(statusOf(await paced(async () => responses.shift() ?? response(0)))).toBe(200);
    expect(waits).toEqual([]);
  });

  it('sends requests one by one after a rate limit', async () => {
    const { paced } = open();
    const responses = [response(429), response(200)];
    await paced(async () => responses.shift() ?? response(0));
    const ends: ((result: ProbeResult) => void)[] = [];
    for (let index = 0; index < 3; index += 1) {
      void paced(() => new Promise<ProbeResult>((resolve) => ends.push(resolve)));
    }
    for (const sent of [1, 2, 3]) {
      await settled();
      expect(ends).toHaveLength(sent);
      ends.at(-1)?.(response(200));
    }
  });

  it.each(['3600', '14'])('does not wait for a rate limit of %s s, longer than a run', async (seconds) => {
    const { paced, waits } = open();
    const send = vi.fn(async () => response(429, { 'retry-after': seconds }));
    expect(statusOf(await paced(send))).toBe(429);
    expect(send).toHaveBeenCalledTimes(1);
    expect(waits).toEqual([]);
  });

  it('stops waiting after three second attempts in vain', async () => {
    const { paced, waits } = open();
    for (let index = 0; index < 10; index += 1) await paced(async () => response(429));
    // The first request waits once, the next two before both of their attempts.
    expect(waits).toEqual(Array(5).fill(1_100));
    const send = vi.fn(async () => response(429));
    await paced(send);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('counts only attempts in vain that follow each other', async () => {
    const { paced, waits } = open();
    const statuses = [429, 429, 429, 429, 429, 200, 429, 429, 200];
    while (statuses.length > 0) await paced(async () => response(statuses.shift() ?? 0));
    expect(waits).toEqual(Array(8).fill(1_100));
  });

  it('waits for no more than 13 s in all', async () => {
    const { paced, waits } = open();
    for (let index = 0; index < 20; index += 1) {
      const statuses = [429, 200];
      await paced(async () => response(statuses.shift() ?? 0));
    }
    expect(waits).toEqual(Array(11).fill(1_100));
  });
});

describe('isRateLimit', () => {
  it.each([
    [429, {}, true],
    [503, { 'retry-after': '1' }, true],
    [503, {}, false],
    [403, { 'retry-after': '1' }, false],
  ])('judges %d with %j', (status, headers, expected) => {
    expect(isRateLimit(response(status, headers))).toBe(expected);
  });
});

/** Resolves once all pending promises have. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
