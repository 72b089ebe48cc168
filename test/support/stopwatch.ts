/** How often the stopwatch ticks, in milliseconds. */
const tick = 10;

/**
 * Measures how long some work takes, by counting the ticks of a timer. While a busy machine gives this process no
 * processor time, the timer does not tick, so that waiting for the machine does not count.
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
