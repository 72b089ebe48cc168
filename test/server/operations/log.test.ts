import { Chalk } from 'chalk';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog, describe as describeError, type Logger } from '../../../src/server/operations/log.ts';

const colours = new Chalk({ level: 1 });
const levels = ['debug', 'info', 'warn', 'error'] as const;
/** Noon, by the clock of this process: a person reads the local time. */
const noon = new Date(2026, 10, 29, 12, 0, 5, 123);

/** @returns what a log writes in one turn of the event loop */
async function written(
  use: (log: Logger) => void,
  { format = 'pretty', level = 'debug', pen = new Chalk({ level: 0 }) }: Partial<Settings> = {},
): Promise<readonly string[]> {
  const writes: string[] = [];
  const log = createLog({ format, level, pen, write: (lines) => writes.push(lines), now: () => Date.now() });
  use(log);
  await vi.runAllTimersAsync();
  return writes;
}
type Settings = Pick<Parameters<typeof createLog>[0], 'format' | 'level' | 'pen'>;

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});

it.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
] as const)('writes at level %s the lines of the levels %j only', async (level, expected) => {
  const enabled: boolean[] = [];
  const [text = ''] = await written(
    (log) => {
      for (const one of levels) log[one](one);
      enabled.push(...levels.map((one) => log.isLevelEnabled(one)));
    },
    { format: 'json', level },
  );
  const lines = text.split('\n').slice(0, -1);
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expected.map((one) => ({ level: one, time: noon.toISOString(), msg: one })),
  );
  expect(levels.filter((_, index) => enabled[index])).toEqual(expected);
});

it('writes a line without fields as valid JSON, whether it is given none or only undefined ones', async () => {
  const line = `{"level":"info","time":"${noon.toISOString()}","msg":"started"}\n`;
  const use = (log: Logger) => {
    log.info('started');
    log.info({ port: undefined }, 'started');
  };
  expect(await written(use, { format: 'json' })).toEqual([line + line]);
});

it('writes the time at which each line was logged, and the lines of the next turn on their own', async () => {
  const writes: string[] = [];
  const log = createLog({
    format: 'json',
    level: 'info',
    pen: colours,
    write: (lines) => writes.push(lines),
    now: () => Date.now(),
  });
  log.info('first');
  vi.setSystemTime(noon.getTime() + 1);
  log.info('second');
  await vi.runAllTimersAsync();
  log.info('third');
  await vi.runAllTimersAsync();
  expect(writes.map((lines) => lines.match(/\.\d{3}Z/g))).toEqual([['.123Z', '.124Z'], ['.124Z']]);
});

describe('a log for a person', () => {
  const request = {
    requestId: '6b1c2a52',
    kind: 'command',
    who: 'T1/U1',
    what: '/spacelift',
    outcome: 'responded',
    reason: undefined,
    client: undefined,
    status: 200,
    ms: 1.2,
  };

  it('writes a request in columns, without its id if it succeeded', async () => {
    expect(await written((log) => log.info(request, 'request'))).toEqual([
      '12:00:05  command           T1/U1                     /spacelift                    200 responded  1.2 ms\n',
    ]);
  });

  it('writes why a request failed, every other field, and its id last', async () => {
    const failed = {
      ...request,
      who: undefined,
      outcome: 'not-stored',
      reason: 'too slow',
      client: '192.0.2.7',
      status: 503,
      error: { type: 'Error', message: 'failed' },
    };
    expect(await written((log) => log.error(failed, 'request'))).toEqual([
      '12:00:05  command           -                         /spacelift                    503 not-stored  1.2 ms  reason=too slow  client=192.0.2.7  error={"type":"Error","message":"failed"}  requestId=6b1c2a52\n',
    ]);
  });

  it('writes any other line as its message and its fields', async () => {
    const use = (log: Logger) => {
      log.warn({ count: 3, statuses: { 404: 3 } }, 'unverified requests not logged');
      log.info('started');
    };
    expect(await written(use)).toEqual([
      '12:00:05  unverified requests not logged  count=3  statuses={"404":3}\n12:00:05  started\n',
    ]);
  });

  it.each([
    ['debug', 'green'],
    ['info', 'green'],
    ['warn', 'yellow'],
    ['error', 'red'],
  ] as const)('colours what matters at level %s %s, and dims the rest', async (level, colour) => {
    const use = (log: Logger) => {
      log[level]({ port: 3000 }, 'message');
      log[level]({ ...request, requestId: undefined }, 'request');
    };
    const clock = colours.dim('12:00:05');
    expect((await written(use, { pen: colours })).join('').split('\n')).toEqual([
      `${clock}  ${colours[colour]('message')}  ${colours.dim('port=')}3000`,
      `${clock}  ${'command'.padEnd(16)}  ${'T1/U1'.padEnd(24)}  ${'/spacelift'.padEnd(28)}  ${colours[colour]('200 responded')}  ${colours.dim('1.2 ms')}`,
      '',
    ]);
  });

  it('shows control characters of a field, and obeys none', async () => {
    const [text = ''] = await written((log) => log.info({ ...request, what: '/a\u001b[31m\nb' }, 'request'));
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
    expect(text).toContain('[31m');
  });
});

describe('an error in the log', () => {
  it('has its type, message and code, and nothing that a library has attached to it', () => {
    const error = Object.assign(new TypeError('failed'), { code: 'ECONNRESET', request: 'Bearer hush' });
    expect(describeError(error)).toEqual({ type: 'TypeError', message: 'failed', code: 'ECONNRESET' });
  });

  it('has its stack only if asked for', () => {
    const error = new Error('failed');
    expect(describeError(error, true)).toEqual({ type: 'Error', message: 'failed', stack: error.stack });
    expect(describeError(error)).not.toHaveProperty('stack');
  });

  it.each(['failed', undefined, 5])('may be something other than an error: %j', (thrown) => {
    expect(describeError(thrown)).toEqual({ message: `${thrown}` });
  });
});
