import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CheckId } from '../../src/doctor/catalogue/catalogue.ts';
import { type Check, type CheckResult, fail, pass, skip } from '../../src/doctor/check.ts';
import { allChecks } from '../../src/doctor/checks/all.ts';
import { runChecks } from '../../src/doctor/runner.ts';

const check = (id: CheckId, needs: readonly CheckId[], run: () => Promise<CheckResult>): Check => ({
  id,
  needs,
  network: false,
  run,
});
const good = async () => pass('good');
const bad = async () => fail('bad', 'Mend it.');

interface Options {
  readonly excluded?: ReadonlyMap<CheckId, string>;
  readonly signal?: AbortSignal;
}

async function run(checks: readonly Check[], { excluded = new Map(), signal }: Options = {}) {
  const { ended, end } = await runChecks(checks, {
    // The checks of these tests use no subject.
    run: (check) => check.run(Object.create(null)),
    excluded,
    signal: signal ?? new AbortController().signal,
    now: Date.now,
  });
  return {
    end,
    ends: ended.map(({ check, result }) => `${check.id} ${result.status}: ${result.detail}`),
    hints: ended.map(({ result }) => result.hint),
  };
}

describe('runChecks', () => {
  it('names the first failure to every check behind it, however far', async () => {
    const { ends } = await run([
      check('domain.valid', [], bad),
      check('dns.resolves', ['domain.valid'], good),
      check('dns.public', ['dns.resolves'], good),
      check('slack.reachable', [], good),
    ]);
    expect(ends).toEqual([
      'domain.valid fail: bad',
      'dns.resolves skip: not run: domain.valid failed',
      'dns.public skip: not run: domain.valid failed',
      'slack.reachable pass: good',
    ]);
  });

  it('is not blocked by a check that was skipped, excluded or is not part of the run', async () => {
    const { ends } = await run(
      [
        check('domain.valid', [], async () => skip('cannot')),
        check('dns.resolves', ['domain.valid'], bad),
        check('dns.public', ['dns.resolves', 'env.mix-up'], good),
      ],
      { excluded: new Map([['dns.resolves', 'excluded']]) },
    );
    expect(ends).toEqual([
      'domain.valid skip: cannot',
      'dns.resolves skip: excluded',
      'dns.public pass: good',
    ]);
  });

  it('runs side by side what does not need each other', async () => {
    const first = deferred();
    const second = deferred();
    const { ends } = await run([
      check('domain.valid', [], async () => {
        first.resolve();
        await second.promise;
        return pass('saw the other run');
      }),
      check('slack.reachable', [], async () => {
        await first.promise;
        second.resolve();
        return pass('saw the other run');
      }),
    ]);
    expect(ends).toEqual(['domain.valid pass: saw the other run', 'slack.reachable pass: saw the other run']);
  });

  it('starts a check ahead of its needs, but counts its result only once they have passed', async () => {
    const started = deferred();
    const ahead = {
      ...check('dns.public', ['dns.resolves'], async () => {
        started.resolve();
        return pass('saw something');
      }),
      startsAfter: ['domain.valid'] as const,
    };
    const afterwards = (end: CheckResult) =>
      check('dns.resolves', ['domain.valid'], async () => {
        await started.promise;
        return end;
      });
    const first = check('domain.valid', [], good);
    expect((await run([first, afterwards(pass('good')), ahead])).ends[2]).toBe(
      'dns.public pass: saw something',
    );
    expect((await run([first, afterwards(fail('bad', 'Mend it.')), ahead])).ends[2]).toBe(
      'dns.public skip: not run: dns.resolves failed',
    );
  });

  it('ends with the signal, and reports what is known by then', async () => {
    const controller = new AbortController();
    const { ends, end } = await run(
      [
        check('domain.valid', [], good),
        check('dns.resolves', ['domain.valid'], () => {
          controller.abort();
          return new Promise(() => undefined);
        }),
        check('dns.public', ['dns.resolves'], good),
      ],
      { signal: controller.signal },
    );
    expect(end).toBe('interrupted');
    expect(ends).toEqual([
      'domain.valid pass: good',
      'dns.resolves skip: not finished: interrupted',
      'dns.public skip: not run: dns.resolves did not end',
    ]);
  });

  it('tells a check that failed before the signal from one that did not end', async () => {
    const controller = new AbortController();
    const { ends } = await run(
      [
        check('domain.valid', [], bad),
        check('dns.resolves', [], () => {
          setImmediate(() => controller.abort());
          return new Promise(() => undefined);
        }),
        check('dns.public', ['domain.valid', 'dns.resolves'], good),
      ],
      { signal: controller.signal },
    );
    expect(ends).toEqual([
      'domain.valid fail: bad',
      'dns.resolves skip: not finished: interrupted',
      'dns.public skip: not run: domain.valid failed',
    ]);
  });

  it('is blocked by any of its needs', async () => {
    const { ends } = await run([
      check('domain.valid', [], good),
      check('dns.resolves', [], bad),
      check('dns.public', ['domain.valid', 'dns.resolves'], good),
    ]);
    expect(ends[2]).toBe('dns.public skip: not run: dns.resolves failed');
  });

  it('measures how long each check took, also one that did not end', async () => {
    let time = 1_000;
    const controller = new AbortController();
    const takes = (milliseconds: number) => {
      time += milliseconds;
    };
    const { ended } = await runChecks(
      [
        check('domain.valid', [], async () => {
          takes(250.4);
          return pass('good');
        }),
        check('dns.resolves', ['domain.valid'], () => {
          takes(30);
          controller.abort();
          return new Promise(() => undefined);
        }),
      ],
      {
        run: (each) => each.run(Object.create(null)),
        excluded: new Map(),
        signal: controller.signal,
        now: () => time,
      },
    );
    expect(ended.map(({ durationMs }) => durationMs)).toEqual([250, 30]);
  });

  it('runs nothing if the run was over before it began', async () => {
    const runs = vi.fn(good);
    const { ends, end } = await run([check('domain.valid', [], runs)], { signal: AbortSignal.abort() });
    expect(runs).not.toHaveBeenCalled();
    expect(end).toBe('interrupted');
    expect(ends).toEqual(['domain.valid skip: not finished: interrupted']);
  });

  it('reports that the time limit of the run was reached', async () => {
    const { ends, end } = await run([check('domain.valid', [], () => new Promise(() => undefined))], {
      signal: AbortSignal.timeout(20),
    });
    expect(ends).toEqual(['domain.valid skip: not finished: time limit reached (--timeout)']);
    expect(end).toBe('time-limit');
  });

  it('fails a check that does not end within its own limit, and no sooner', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const report = run([
      check('domain.valid', [], () => new Promise(() => undefined)),
      check('dns.resolves', ['domain.valid'], good),
    ]);
    let ended = false;
    void report.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect((await report).hints[0]).toBe('Run doctor again, from a machine closer to the server.');
    expect((await report).ends).toEqual([
      'domain.valid fail: not done after 20 s',
      'dns.resolves skip: not run: domain.valid failed',
    ]);
  });

  it('leaves no timer behind, which would keep the process from ending', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    await run([check('domain.valid', [], good)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('drops what a check ahead of its needs throws after one of them has failed', async () => {
    let drop: (reason: Error) => void = () => undefined;
    const look = new Promise<CheckResult>((_, reject) => {
      drop = reject;
    });
    const ahead: Check = { ...check('dns.public', ['dns.resolves'], () => look), startsAfter: [] };
    const { ends } = await run([check('dns.resolves', [], bad), ahead]);
    expect(ends).toEqual(['dns.resolves fail: bad', 'dns.public skip: not run: dns.resolves failed']);
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    drop(new Error('the look was dropped'));
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('lets a bug through', async () => {
    const checks = [
      check('domain.valid', [], async () => {
        throw new TypeError('a bug');
      }),
    ];
    await expect(run(checks)).rejects.toThrow('a bug');
  });
});

describe('allChecks', () => {
  it.each([false, true])('lists each check behind what it needs (own host: %s)', (ownHost) => {
    const seen = new Set<CheckId>();
    for (const { id, needs } of allChecks({ ownHost, socketMode: true })) {
      expect(seen.has(id)).toBe(false);
      for (const need of needs) expect(seen, `${id} needs ${need}`).toContain(need);
      seen.add(id);
    }
  });
});

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
