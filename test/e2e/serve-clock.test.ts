import { expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { eventBody, post } from '../support/serve.ts';
import { type ServeProcess, startServe } from '../support/serve-process.ts';

// Port 9 is closed: events wait.
const args = ['--upstream=http://127.0.0.1:9', '--log-format=json'];

async function startWithClock(url: string, offset: string): Promise<ServeProcess> {
  const env = {
    LD_PRELOAD: await need('libfaketime'),
    FAKETIME: offset,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return startServe(args, { DATABASE_URL: url, ...env });
}

async function skewOf({ adminUrl }: ServeProcess): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(/^spacelift_slack_clock_skew_seconds (.*)$/m.exec(text)?.[1]);
}

it.each([
  ['+9d', 777_600, 503],
  ['-2m', -120, 200],
])('a replica whose clock is %s from that of PostgreSQL says so', async (offset, seconds, readiness) => {
  const { url } = await postgresDatabase();
  const serve = await startWithClock(url, offset);
  await expect.poll(() => serve.output()).toContain("the clock differs from the database's");
  expect(Math.abs((await skewOf(serve)) - seconds)).toBeLessThan(30);
  expect((await fetch(`${serve.adminUrl}/readyz`)).status).toBe(readiness);
});

it('a replica whose clock is nine days ahead sets aside no event before its time', async () => {
  const { url, query } = await postgresDatabase();
  const right = await startServe(args, { DATABASE_URL: url });
  for (const id of ['Old', 'New']) expect((await post(right.url, eventBody(id))).status).toBe(200);
  const twoDays = 2 * 24 * 3_600_000;
  await query(`update deliveries set waiting_since = waiting_since - ${twoDays}
    where seq = (select seq from events where event_id = 'Old')`);
  await startWithClock(url, '+9d');
  const setAside = async () => {
    const rows = await query(`select event_id from events join deliveries on deliveries.seq = events.seq
      where state = 'set-aside'`);
    return rows.map((row) => row['event_id']);
  };
  // It has done its first pass once it has set aside what is too old by the database's clock.
  await expect.poll(setAside).toEqual(['Old']);
  expect(await query('select 1 from events')).toHaveLength(2);
  expect(right.crashes).toEqual([]);
});
