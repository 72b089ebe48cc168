/** How often the stopwatch ticks, in milliseconds. */
const tick = 10;

/**
 * Measures how long some work takes, in ticks of a timer of this process. While a busy machine leaves the process
 * without a processor, the timer does not tick: the time that the work itself takes is told from the time that it is
 * kept waiting for the machine.
 *
 * @returns what the work resolves to, and the time in milliseconds
 */
export async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly milliseconds: number }> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, tick);
  try {
    const value = await work();
    return { value, milliseconds: ticks * tick };
  } finally {
    clearInterval(timer);
  }
}
