import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { limitCpu } from '../../bench/relay/cpu-limit.js';
import { offerEvents } from '../../bench/relay/offer.js';
import { benchSecret } from '../../bench/serve/shared.js';
import { need } from '../support/need.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const cpuShare = 0.03;

it('stores events in time at ten times the load that it can take with 3% of a core', async () => {
  await need('control groups for the CPU');
  const file = join(await temporaryFolder(), 'serve.db');
  const serve = await startServe(['--store', `sqlite:${file}`, '--trust-proxy', '--log-format', 'json'], {
    SLACK_SECRET: benchSecret,
  });
  const offer = (rate: number, seconds = 5) => offerEvents(Number(new URL(serve.url).port), rate, seconds);
  // Node has compiled what is used often before the CPU is limited.
  await offer(100);
  const removeLimit = limitCpu(serve.pid, cpuShare);
  onTestFinished(async () => {
    await serve.end('SIGKILL');
    removeLimit();
  });

  // Slack's own pace is far below the first of these.
  let load = await offer(20);
  while (load.stored > 0.8 * load.offered) load = await offer(2 * load.offered);
  const peak = load.stored;
  // Other processes may take the CPU time that the limit leaves: the best of three rounds counts.
  let overloaded = await offer(10 * peak, 10);
  for (let round = 1; round < 3 && overloaded.stored <= peak / 4; round++) {
    overloaded = await offer(10 * peak, 10);
  }
  expect(overloaded.stored).toBeGreaterThan(peak / 4);
  expect(overloaded.refused).toBeGreaterThan(0);
  const countOf = (message: string) => serve.output().split(`"${message}`).length - 1;
  expect(countOf('overloaded: ')).toBeGreaterThan(0);
  expect(countOf('overloaded: ') - countOf('no longer overloaded')).toBeLessThan(2);
});
