/**
 * Works now and then at an interval. A run is skipped while the last one is not finished.
 *
 * @param work must not reject; its signal is aborted when the repetition stops, so that a long run can end early
 * @returns stops the repetition, and resolves when the last run is finished
 */
export function repeatedly(
  work: (signal: AbortSignal) => Promise<void>,
  milliseconds: number,
): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const begin = () => {
    running ??= work(stopping.signal).finally(() => {
      running = undefined;
    });
  };
  begin();
  const timer = setInterval(begin, milliseconds);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
