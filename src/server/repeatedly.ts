/**
 * Works now and then at an interval. A run is skipped while the last one is not finished.
 *
 * @param work must not reject
 * @returns stops the repetition, and resolves when the last run is finished
 */
export function repeatedly(work: () => Promise<void>, milliseconds: number): () => Promise<void> {
  let running: Promise<void> | undefined;
  const begin = () => {
    running ??= work().finally(() => {
      running = undefined;
    });
  };
  begin();
  const timer = setInterval(begin, milliseconds);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
