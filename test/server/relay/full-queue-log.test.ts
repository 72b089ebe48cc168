import { expect, it } from 'vitest';
import { FullQueueLog } from '../../../src/server/relay/full-queue-log.ts';
import { recordedLog } from '../../support/recorded-log.ts';

it('logs once that events are refused, and once that none was for a minute', () => {
  const time = { now: 0 };
  const { log, lines } = recordedLog();
  const full = new FullQueueLog(log, { events: 10, bytes: 1000 }, () => time.now);
  full.check();
  expect(lines).toEqual([]);
  for (time.now = 0; time.now <= 120_000; time.now += 30_000) {
    full.refused();
    full.check();
  }
  expect(lines).toMatchObject([{ level: 'error', limitEvents: 10, limitBytes: 1000 }]);
  time.now = 180_000;
  full.check();
  full.check();
  expect(lines.slice(1)).toMatchObject([{ level: 'info', refused: 5 }]);
  full.refused();
  expect(lines).toHaveLength(3);
});
