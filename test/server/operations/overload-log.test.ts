import { expect, it, vi } from 'vitest';
import { OverloadLog } from '../../../src/server/operations/overload-log.ts';
import { recordedLog } from '../../support/recorded-log.ts';

it('logs once that requests are refused, and once that none was for 10 s', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const { log, lines } = recordedLog();
  const overload = new OverloadLog(log, () => performance.now());
  for (let count = 0; count < 5; count++) {
    overload.refused();
    vi.advanceTimersByTime(9_000);
  }
  expect(lines).toMatchObject([{ level: 'warn' }]);
  vi.advanceTimersByTime(2_000);
  expect(lines.slice(1)).toMatchObject([{ level: 'info', refused: 5 }]);
  overload.end();
  expect(lines).toHaveLength(2);
  overload.refused();
  overload.end();
  expect(lines.slice(2)).toMatchObject([{ level: 'warn' }, { level: 'info', refused: 1 }]);
});
