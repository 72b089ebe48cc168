/** A promise that takes too long; what it stands for may still be done later. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp';
}

/** Waits for a promise, but not longer than this. @throws TimeUp */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeUp(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
