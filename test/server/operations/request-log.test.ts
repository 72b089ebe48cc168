import { Chalk } from 'chalk';
import { expect, it, vi } from 'vitest';
import type { FinishedRequest } from '../../../src/server/http/finished-request.ts';
import { createLog, type LogSettings } from '../../../src/server/operations/log.ts';
import { RequestLog } from '../../../src/server/operations/request-log.ts';
import { recordedLog } from '../../support/recorded-log.ts';

const command: FinishedRequest = {
  id: '6b1c2a52-4f0e-4c57-9a3f-0d8f5d6c1e11',
  status: 200,
  milliseconds: 1.2345,
  subject: { kind: 'command', who: 'T1/U1', what: '/spacelift' },
  outcome: { kind: 'responded' },
  headers: { host: ['spacelift.example.com'] },
  client: undefined,
};
const forged: FinishedRequest = {
  ...command,
  status: 401,
  subject: { kind: 'slack' },
  outcome: { kind: 'rejected', reason: 'timestamp-stale', skewSeconds: -400 },
  headers: { host: ['spacelift.example.com'], 'x-slack-signature': ['v0=secret'] },
  client: '192.0.2.7',
};

/** @returns the lines that the requests write at noon */
async function linesOf(
  requests: readonly FinishedRequest[],
  settings: Partial<LogSettings> = {},
): Promise<readonly string[]> {
  vi.useFakeTimers({ now: new Date('2026-11-29T12:00:00.123Z') });
  let text = '';
  const log = createLog({
    format: 'json',
    level: 'info',
    write: (lines) => {
      text += lines;
    },
    pen: new Chalk({ level: 0 }),
    now: () => Date.now(),
    ...settings,
  });
  const requestLog = new RequestLog(log);
  for (const request of requests) requestLog.write(request);
  await vi.runAllTimersAsync();
  return text.split('\n').slice(0, -1);
}

it('writes level, time, the fields of the request in a fixed order, and the message', async () => {
  expect(await linesOf([command])).toEqual([
    '{"level":"info","time":"2026-11-29T12:00:00.123Z","requestId":"6b1c2a52-4f0e-4c57-9a3f-0d8f5d6c1e11","kind":"command","who":"T1/U1","what":"/spacelift","outcome":"responded","status":200,"ms":1.2,"msg":"request"}',
  ]);
});

it('writes every field that a request can have in the same order', async () => {
  const request: FinishedRequest = {
    ...command,
    status: 502,
    subject: {
      kind: 'event',
      who: 'T1',
      what: 'app_mention',
      eventId: 'Ev1',
      retry: '1 (http_timeout)',
      secret: 'previous',
    },
    outcome: { kind: 'not-ready', reason: 'store unavailable', error: new TypeError('no "store"') },
    client: '192.0.2.7',
    acknowledgement: 'none',
  };
  expect(await linesOf([request], { level: 'debug' })).toEqual([
    '{"level":"error","time":"2026-11-29T12:00:00.123Z","requestId":"6b1c2a52-4f0e-4c57-9a3f-0d8f5d6c1e11","kind":"event","who":"T1","what":"app_mention","eventId":"Ev1","outcome":"not-ready","reason":"store unavailable","retry":"1 (http_timeout)","client":"192.0.2.7","secret":"previous","acknowledgement":"none","status":502,"ms":1.2,"error":{"type":"TypeError","message":"no \\"store\\""},"headers":{"host":["spacelift.example.com"]},"msg":"request"}',
  ]);
});

it('writes a forged request at level warn, with its headers only at level debug', async () => {
  const line =
    '{"level":"warn","time":"2026-11-29T12:00:00.123Z","requestId":"6b1c2a52-4f0e-4c57-9a3f-0d8f5d6c1e11","kind":"slack","outcome":"rejected","reason":"timestamp-stale","skewSeconds":-400,"client":"192.0.2.7","status":401,"ms":1.2,';
  expect(await linesOf([command, forged], { level: 'warn' })).toEqual([`${line}"msg":"request"}`]);
  expect(await linesOf([forged], { level: 'debug' })).toEqual([
    `${line}"headers":{"host":["spacelift.example.com"],"x-slack-signature":"[redacted]"},"msg":"request"}`,
  ]);
});

it('escapes what JSON requires, and the control characters that JSON leaves as they are', async () => {
  const hostile = '"\\\u0000\n\u001b\u007f\u0085\u202e\u2066\ud800é😀</script>'.padEnd(60, '"');
  const [line = ''] = await linesOf([{ ...command, subject: { kind: 'unknown', what: hostile } }]);
  expect(line).toContain(
    String.raw`"what":"\"\\\u0000\n\u001b\u007f\u0085\u202e\u2066\ud800é😀</script>\"\"`,
  );
  expect(JSON.parse(line).what).toBe(hostile);
});

it.each([
  ['a string', 'ECONNRESET', '"code":"ECONNRESET"'],
  ['a number', 5, '"code":5'],
  ['a bigint', 1n, undefined],
  ['an object that contains itself', globalThis, undefined],
])('writes the code of an error only if it is a string or a number: %s', async (_name, code, expected) => {
  const error = Object.assign(new Error('failed'), { code });
  const outcome = { kind: 'not-stored', error } as const;
  const [line = ''] = await linesOf([{ ...command, status: 503, outcome }]);
  expect(line).toContain(
    `"error":{"type":"Error","message":"failed"${expected === undefined ? '' : `,${expected}`}}`,
  );
});

it('writes the lines of one turn of the event loop at once', async () => {
  const writes: string[] = [];
  await linesOf([command, forged], { write: (lines) => writes.push(lines) });
  expect(writes.map((lines) => lines.split('\n').length)).toEqual([3]);
});

const failure = new Error('failed');
it.each<[level: string, name: string, Partial<FinishedRequest>]>([
  ['info', 'status 399', { status: 399 }],
  ['warn', 'status 400', { status: 400 }],
  ['warn', 'status 499', { status: 499 }],
  ['error', 'status 500', { status: 500 }],
  ['info', 'a client that has gone', { status: 0, outcome: { kind: 'client-gone' } }],
  ['error', 'an error', { outcome: { kind: 'not-stored', error: failure } }],
  ['error', 'a probe that failed', { outcome: { kind: 'not-ready', reason: 'x', error: failure } }],
  ['info', 'no error', { outcome: { kind: 'not-ready', reason: 'stopping', error: undefined } }],
  ['error', 'what Spacelift did not get', { outcome: { kind: 'not-forwarded', reason: 'refused' } }],
  ['info', 'an acknowledgement', { acknowledgement: 'message' }],
  ['info', 'no acknowledgement', { acknowledgement: 'none' }],
  ['warn', 'a response that went nowhere', { acknowledgement: 'undeliverable' }],
  ['warn', 'an acknowledgement after its connection', { acknowledgement: 'connection-ended' }],
  ['error', 'an error without acknowledgement', { status: 503, acknowledgement: 'undeliverable' }],
])('writes at level %s: %s', async (level, _name, change) => {
  const [line = ''] = await linesOf([{ ...command, ...change }]);
  expect(JSON.parse(line)).toMatchObject({ level, msg: 'request' });
});

it.each([
  [{ kind: 'not-stored', error: failure }, undefined],
  [{ kind: 'internal-error', error: failure }, failure.stack],
] as const)('writes the stack only of a bug: %j', async (outcome, stack) => {
  const [line = ''] = await linesOf([{ ...command, status: 500, outcome }]);
  expect(JSON.parse(line).error).toEqual({ type: 'Error', message: 'failed', ...(stack && { stack }) });
});

it('writes no error of a request that has none', async () => {
  const outcome = { kind: 'not-ready', reason: 'stopping', error: undefined } as const;
  const [line = ''] = await linesOf([{ ...command, status: 503, outcome }]);
  expect(JSON.parse(line)).not.toHaveProperty('error');
});

it.each([
  [399, false],
  [400, true],
])('writes at level debug the headers of a request with status %d: %s', async (status, expected) => {
  const [line = ''] = await linesOf([{ ...command, status }], { level: 'debug' });
  expect('headers' in JSON.parse(line)).toBe(expected);
});

it('prepares no line for a level that is not written', () => {
  const { log, lines } = recordedLog();
  new RequestLog({ ...log, isLevelEnabled: (level) => level !== 'info' }).write(command);
  expect(lines).toEqual([]);
});

it('writes the first 200 characters of a text that may come from anybody', async () => {
  const text = 'x'.repeat(200);
  const lines = await linesOf(
    [text, `${text}y`].map(
      (what): FinishedRequest => ({
        ...command,
        subject: { kind: 'unknown', what },
        outcome: { kind: 'invalid-request', reason: what },
      }),
    ),
  );
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { what: text, reason: text },
    { what: `${text}…`, reason: `${text}…` },
  ]);
});

it('writes 20 unverified requests of one client in 10 s, counts the others, and writes every verified one', () => {
  vi.useFakeTimers();
  const { log, lines } = recordedLog();
  const requestLog = new RequestLog(log);
  const writeAll = () => {
    for (let count = 0; count < 23; count++) {
      requestLog.write(forged);
      requestLog.write(command);
    }
  };
  writeAll();
  expect(lines.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(20);
  expect(lines.filter(({ outcome }) => outcome === 'responded')).toHaveLength(23);
  vi.advanceTimersByTime(10_000);
  const omitted = { level: 'warn', msg: 'unverified requests not logged', count: 3, statuses: { 401: 3 } };
  expect(lines.slice(43)).toEqual([omitted]);
  writeAll();
  requestLog.end();
  expect(lines.slice(44 + 43)).toEqual([omitted]);
});
