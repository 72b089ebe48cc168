import { type TestContext, TestRunner } from 'vitest';
import { type Need, needs } from './needs.js';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test needs and is missing. */
    missing?: NeedName;
  }
}

export type NeedName = keyof typeof needs;

const found = new Map<NeedName, Promise<string | undefined>>();

/**
 * Skips the running test if something that it needs is missing. Where CI is set, the test fails instead.
 *
 * @param context of the test; only a concurrent test has to pass it
 * @returns the path or URL of what is needed
 */
export async function need(name: NeedName, context?: Pick<TestContext, 'skip' | 'task'>): Promise<string> {
  const { find }: Need = needs[name];
  const finding = found.get(name) ?? Promise.resolve(find());
  found.set(name, finding);
  const place = await finding;
  if (place !== undefined) return place;
  if (process.env['CI']) throw new Error(`this test needs ${name}, and no test is skipped where CI is set`);
  const running = context ?? TestRunner.getCurrentTest()?.context;
  if (running === undefined) throw new Error(`${name} is missing, and only a running test can be skipped`);
  running.task.meta.missing = name;
  return running.skip(`${name} is missing`);
}
