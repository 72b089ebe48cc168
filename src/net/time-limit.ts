/** The error of work that exceeded its time limit. */
export class TimeUp extends Error {
  override readonly name = 'TimeoutError';

  constructor(limitMs: number) {
    super(`not done within ${limitMs} ms`);
  }
}

/**
 * Runs work that observes a signal. The signal aborts when the time is up (its reason is then a {@link TimeUp}), when
 * the interruption aborts, and at the end of the work, for what is still running.
 *
 * AbortSignal.any is not used: Node 20 collects a signal of AbortSignal.timeout as garbage if only such a
 * composition listens to it, and then it never aborts.
 */
export async function withTimeLimit<Value>(
  limitMs: number,
  interruption: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(interruption?.reason);
  const timer = setTimeout(() => controller.abort(new TimeUp(limitMs)), limitMs);
  interruption?.addEventListener('abort', interrupt, { once: true });
  if (interruption?.aborted) interrupt();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    interruption?.removeEventListener('abort', interrupt);
    controller.abort();
  }
}

/**
 * Waits for work that observes no signal, up to the limit. After that the work itself continues.
 *
 * @throws TimeUp
 */
export async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeUp(limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
