/**
 * Does some work now and then again and again, never twice at once.
 *
 * @param work never rejects
 * @returns ends it, and resolves when nothing of it is being done any more
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
