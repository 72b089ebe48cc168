import { expect, it } from 'vitest';
import { TimeUp, within, withTimeLimit } from '../../src/net/time-limit.ts';

it('aborts the signal with TimeUp when the time is up', async () => {
  const reason = await withTimeLimit(1, undefined, aborted);
  expect(reason).toBeInstanceOf(TimeUp);
});

it('aborts the signal with the reason of the interruption', async () => {
  const controller = new AbortController();
  const work = withTimeLimit(60_000, controller.signal, aborted);
  controller.abort('interrupted');
  expect(await work).toBe('interrupted');
});

it('aborts the signal at once if the interruption came before', async () => {
  expect(await withTimeLimit(60_000, AbortSignal.abort('before'), aborted)).toBe('before');
});

it('aborts the signal at the end of the work', async () => {
  let left: AbortSignal | undefined;
  const value = await withTimeLimit(60_000, undefined, async (signal) => {
    left = signal;
    return signal.aborted;
  });
  expect(value).toBe(false);
  expect(left?.aborted).toBe(true);
});

it('stops waiting for work that takes longer than the limit', async () => {
  await expect(within(1, new Promise(() => undefined))).rejects.toThrow(new TimeUp(1));
});

it('returns the result of work that ends within the limit', async () => {
  expect(await within(60_000, Promise.resolve(1))).toBe(1);
  await expect(within(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
}
