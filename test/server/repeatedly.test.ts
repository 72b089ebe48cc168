import { expect, it } from 'vitest';
import { repeatedly } from '../../src/server/repeatedly.ts';

it('tells the run under way to end early when it stops, and waits for it', async () => {
  const seen: string[] = [];
  const stop = repeatedly(async (signal) => {
    seen.push(`begun, stopping: ${signal.aborted}`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    seen.push('ended');
  }, 60_000);
  await stop();
  expect(seen).toEqual(['begun, stopping: false', 'ended']);
});
