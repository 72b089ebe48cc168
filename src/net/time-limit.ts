/**
 * Does work under a signal that comes when time is up (its reason is then a `TimeoutError`), with an interruption,
 * or at the end of the work, for what it left under way.
 *
 * It does without AbortSignal.any: Node 20 collects a signal of AbortSignal.timeout as garbage where nothing but such
 * a composition listens to it, and then it never comes.
 */
export async function withTimeLimit<Value>(
  limitMs: number,
  interruption: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(interruption?.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('the time is up', 'TimeoutError')),
    limitMs,
  );
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
