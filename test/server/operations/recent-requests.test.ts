import { expect, it } from 'vitest';
import { RecentRequests } from '../../../src/server/operations/status/recent-requests.ts';
import type { Outcome } from '../../../src/server/outcome.ts';

const finished = (outcome: Outcome, kind = 'event', what = 'app_mention') => ({
  id: '',
  status: 200,
  milliseconds: 1.26,
  subject: { kind, who: 'T1', what },
  outcome,
  headers: { authorization: ['secret'] },
  client: undefined,
});
const rejected = { kind: 'rejected', reason: 'signature-wrong' } as const;

it('remembers the last 200 requests, and a flood of forged ones displaces none of Slack', () => {
  const requests = new RecentRequests(() => 7);
  for (let count = 0; count < 160; count++) requests.add(finished({ kind: 'stored' }));
  for (let count = 0; count < 1_000; count++) requests.add(finished(rejected, 'slack'));

  const shown = requests.since(0);
  expect(shown.length).toBe(200);
  expect(shown.filter(({ outcome }) => outcome === 'stored').length).toBe(150);
  expect(shown.at(-1)).toMatchObject({ number: 1_160, outcome: 'rejected', reason: 'signature-wrong' });
  expect(requests.since(1_159)).toEqual([shown.at(-1)]);
});

it('keeps of a request what the page shows, and of a long path only its beginning', () => {
  const requests = new RecentRequests(() => 7);
  requests.add(finished({ kind: 'not-found' }, 'unknown', `GET /${'a'.repeat(9_000)}`));
  expect(requests.since(0)).toEqual([
    {
      ...{ number: 1, at: 7, kind: 'unknown', who: 'T1', what: `GET /${'a'.repeat(115)}…`, status: 200 },
      ...{ outcome: 'not-found', milliseconds: 1.3, reason: undefined },
    },
  ]);
});

it.each([
  ['unknown', { kind: 'not-found' }],
  ['malformed', { kind: 'invalid-request', reason: 'not valid HTTP' }],
  ['slack', { kind: 'invalid-request', reason: 'not POST' }],
  ['slack', { kind: 'client-gone' }],
  ['oauth', { kind: 'rate-limited', reason: 'over 300' }],
] as const)('lets a flood of the kind %s with %j displace none of Slack', (kind, outcome) => {
  const requests = new RecentRequests(() => 7);
  requests.add(finished({ kind: 'stored' }));
  requests.add(finished({ kind: 'invalid-request', reason: 'no challenge', isVerified: true }, 'slack'));
  for (let count = 0; count < 1_000; count++) requests.add(finished(outcome, kind));
  expect(requests.since(0).slice(0, 3)).toMatchObject([
    { outcome: 'stored' },
    { outcome: 'invalid-request', reason: 'no challenge' },
    { number: 953 },
  ]);
});
