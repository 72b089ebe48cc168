import { describe, expect, it } from 'vitest';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../../src/doctor/check.ts';
import { type ExamineOptions, examine } from '../../src/doctor/examine.ts';
import { domain, host, subject } from './given.ts';

interface Rounds {
  /** The result of the check in each round; the last one repeats. */
  readonly results: readonly CheckResult[];
  readonly network?: boolean;
  readonly options?: Partial<ExamineOptions>;
  /** Called when a round begins, with its number. */
  readonly onRound?: (round: number) => void;
}

async function run({ results, network = true, options = {}, onRound }: Rounds) {
  let rounds = 0;
  let repeated = 0;
  const signals: AbortSignal[] = [];
  const check = {
    id: 'webhook.reachable',
    needs: [],
    network,
    run: async () => {
      rounds += 1;
      onRound?.(rounds);
      return results[Math.min(rounds, results.length) - 1] ?? pass('fine');
    },
  } as const;
  const examination = await examine({
    checks: [check],
    excluded: new Map(),
    runs: new Set([check.id]),
    connectionReporter: undefined,
    target: { domain: domain(host), webhookDomain: domain(host) },
    vantage: 'from here',
    strict: false,
    openSubject: (signal) => {
      signals.push(signal);
      return subject();
    },
    timeoutMs: 10_000,
    // The clock of these tests stands still, so that this is how long each pause takes.
    waitMs: 2,
    interruption: new AbortController().signal,
    now: () => 0,
    onRepeat: () => {
      repeated += 1;
    },
    ...options,
  });
  return { examination, rounds, repeated, signals };
}

const down = fail('502', 'Start it.');
const up = pass('401');

describe('examine', () => {
  it('runs once if nothing fails', async () => {
    const { examination, rounds, repeated } = await run({ results: [up, down] });
    expect({ ok: examination.report.ok, rounds, repeated }).toEqual({ ok: true, rounds: 1, repeated: 0 });
  });

  it('repeats the checks until nothing fails, each time with nothing that was seen before', async () => {
    const { examination, rounds, repeated, signals } = await run({ results: [down, down, up] });
    expect({ ok: examination.report.ok, rounds, repeated }).toEqual({ ok: true, rounds: 3, repeated: 2 });
    expect(new Set(signals).size).toBe(3);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('runs once without time to wait', async () => {
    const { examination, rounds } = await run({ results: [down, up], options: { waitMs: 0 } });
    expect({ ok: examination.report.ok, rounds }).toEqual({ ok: false, rounds: 1 });
  });

  it('ends with the last round when the time is up', async () => {
    let time = 0;
    const options = { waitMs: 100, now: () => time };
    const onRound = (round: number) => {
      time = round === 3 ? 100 : 98;
    };
    const { examination, rounds, repeated } = await run({ results: [down], options, onRound });
    expect({ ok: examination.report.ok, rounds, repeated }).toEqual({ ok: false, rounds: 3, repeated: 2 });
  });

  it.each<[string, CheckResult, boolean]>([
    ['is about values and files alone', down, false],
    ['says that a value is at fault', { ...down, inputAtFault: true }, true],
  ])('runs once if what fails %s: no repetition changes it', async (_, result, network) => {
    expect((await run({ results: [result, up], network })).rounds).toBe(1);
  });

  it.each<[string, CheckResult, CheckResult, boolean, number]>([
    ['a value alone', down, up, false, 1],
    ['a warning about a value alone, with --strict', warn('odd', 'Look.'), up, true, 1],
    ['the network beside a warning about a value', warn('odd', 'Look.'), down, false, 2],
    ['the network and a value', down, down, false, 2],
  ])('repeats only what a repetition can change: %s', async (_, ofValues, ofNetwork, strict, expected) => {
    let rounds = 0;
    const checks: readonly Check[] = [
      { id: 'env.mix-up', needs: [], network: false, needsDomain: false, run: async () => ofValues },
      {
        id: 'webhook.reachable',
        needs: [],
        network: true,
        run: async () => {
          rounds += 1;
          return rounds === 1 ? ofNetwork : up;
        },
      },
    ];
    await run({ results: [], options: { checks, strict } });
    expect(rounds).toBe(expected);
  });

  it('repeats for a warning with --strict alone', async () => {
    const results = [warn('odd', 'Look.'), up];
    expect((await run({ results })).rounds).toBe(1);
    expect((await run({ results, options: { strict: true } })).rounds).toBe(2);
  });

  it('repeats if every check was skipped, which --strict counts as a failure', async () => {
    const results = [skip('no response yet'), up];
    expect((await run({ results, options: { strict: true } })).rounds).toBe(2);
  });

  it('reports each check as it starts and ends', async () => {
    const seen: string[] = [];
    const options: Partial<ExamineOptions> = {
      onStart: ({ id }) => seen.push(`${id} starts`),
      onEnd: ({ check, result }) => seen.push(`${check.id} ends with ${result.status}`),
    };
    await run({ results: [up], options });
    expect(seen).toEqual(['webhook.reachable starts', 'webhook.reachable ends with pass']);
  });

  it('runs without a domain what needs none, and takes any other check for a bug', async () => {
    const openSubject = () => ({ ...subject(), target: undefined });
    const local: Check = {
      id: 'env.mix-up',
      needs: [],
      network: false,
      needsDomain: false,
      run: async ({ target }) => pass(target === undefined ? 'no domain' : target.domain),
    };
    const { examination } = await run({ results: [], options: { openSubject, checks: [local] } });
    expect(examination.report.checks).toMatchObject([{ status: 'pass', detail: 'no domain' }]);
    await expect(run({ results: [up], options: { openSubject } })).rejects.toThrow(
      'webhook.reachable needs a domain',
    );
  });

  it('ends at an interruption, in a round and in a pause', async () => {
    const controller = new AbortController();
    const options = { interruption: controller.signal, waitMs: 60_000 };
    const inRound = await run({ results: [down], options, onRound: () => controller.abort() });
    const { rounds, repeated } = inRound;
    expect({ rounds, repeated, end: inRound.examination.report.end }).toEqual({
      rounds: 1,
      repeated: 0,
      end: 'interrupted',
    });
    const later = new AbortController();
    const inPause = await run({
      results: [down],
      options: { interruption: later.signal, waitMs: 60_000, onRepeat: () => later.abort() },
    });
    expect(inPause.rounds).toBe(1);
    // The last round that ended counts.
    expect(inPause.examination.report).toMatchObject({ end: 'finished', checks: [{ detail: '502' }] });
  });

  it('ends a round that takes longer than its time limit', async () => {
    const endless = {
      id: 'webhook.reachable',
      needs: [],
      network: true,
      run: () => new Promise<CheckResult>(() => undefined),
    } as const;
    const { examination } = await run({
      results: [up],
      options: { checks: [endless], timeoutMs: 1, waitMs: 0 },
    });
    expect(examination).toMatchObject({
      runProblem: 'time limit reached (--timeout)',
      report: { ok: false, end: 'time-limit', checks: [{ status: 'skip' }] },
    });
  });
});
