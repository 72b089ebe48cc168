import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { startTestServer } from '../../support/serve.ts';

const secret = 'webhook-secret';
const body = JSON.stringify({
  account: 'acme',
  state: 'FINISHED',
  stateVersion: 4,
  run: { id: '01H', branch: 'main' },
  stack: { id: 'network-prod', name: 'Network', labels: [] },
});
const signed = (text: string, key = secret) =>
  `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

async function send(text: string, headers: [string, string][]) {
  const server = await startTestServer({ spaceliftWebhookSecret: secret });
  const response = await fetch(`${server.url}/webhooks/spacelift`, { method: 'POST', body: text, headers });
  return { status: response.status, text: await response.text(), log: await server.log() };
}

it('takes what Spacelift has signed, and says in the log that it goes no further', async () => {
  const { status, text, log } = await send(body, [['X-Signature-256', signed(body)]]);
  expect([status, text]).toEqual([200, '']);
  expect(log).toMatchObject([
    { kind: 'spacelift', who: 'acme', what: 'network-prod FINISHED', verdict: 'acknowledged, not delivered' },
  ]);
});

it.each<[string, [string, string][], string]>([
  ['no signature', [], 'signature-missing'],
  ['the old signature alone', [['X-Signature', 'sha1=0']], 'signature-missing'],
  [
    'two signatures',
    [
      ['X-Signature-256', signed(body)],
      ['X-Signature-256', signed(body)],
    ],
    'signature-wrong',
  ],
  ['another secret', [['X-Signature-256', signed(body, 'other')]], 'signature-wrong'],
  ['another body', [['X-Signature-256', signed(`${body} `)]], 'signature-wrong'],
  ['a tail', [['X-Signature-256', `${signed(body)}0`]], 'signature-wrong'],
  ['upper case', [['X-Signature-256', signed(body).toUpperCase()]], 'signature-wrong'],
  ['no prefix', [['X-Signature-256', signed(body).slice(7)]], 'signature-wrong'],
  ["Slack's form", [['X-Signature-256', signed(body).replace('sha256', 'v0')]], 'signature-wrong'],
  ['something outside ASCII', [['X-Signature-256', `sha256=${'é'.repeat(64)}`]], 'signature-wrong'],
])('refuses %s', async (_name, headers, reason) => {
  const { status, text, log } = await send(body, headers);
  expect([status, text]).toEqual([401, '{"error":"invalid_signature"}']);
  expect(log).toMatchObject([{ kind: 'spacelift', verdict: 'rejected', reason }]);
});

it.each(['null', '[]', '1', '{', ''])('answers 400 to %j, never 5xx', async (text) => {
  expect((await send(text, [['X-Signature-256', signed(text)]])).status).toBe(400);
});

it.each(['{}', '{"stack":7,"state":[],"account":null}', '{"action":"login","timestamp":1}'])(
  'takes %s, which is new to it',
  async (text) => {
    expect((await send(text, [['X-Signature-256', signed(text)]])).status).toBe(200);
  },
);
