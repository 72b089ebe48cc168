import type { CheckId } from './catalogue/catalogue.ts';
import { type Check, type CheckResult, fail, skip } from './check.ts';

/** A check that has ended, or did not run. */
export interface EndedCheck {
  readonly check: Check;
  readonly result: CheckResult;
  readonly durationMs: number;
  /** The failure, or the check that did not end, because of which this one was not run. */
  readonly blockedBy?: CheckId;
}

export interface RunOptions {
  /** Runs one check; what it throws is a bug. */
  readonly run: (check: Check) => Promise<CheckResult>;
  /** Checks that are not to run, with why. */
  readonly excluded: ReadonlyMap<CheckId, string>;
  /** Ends the run: what has not ended by then is reported as skipped. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onStart?: (check: Check) => void;
  readonly onEnd?: (ended: EndedCheck) => void;
}

/** How a run ended: by itself, by a signal such as Ctrl-C, or by its time limit. */
export type RunEnd = 'finished' | 'interrupted' | 'time-limit';

export interface CheckRun {
  /** In the order of the checks. */
  readonly ended: readonly EndedCheck[];
  readonly end: RunEnd;
}

/** The time limit of one check. Those that use a network have shorter limits of their own. */
const limitMs = 20_000;

/**
 * Runs checks side by side, each as soon as what it needs has passed. A check behind a failure is skipped: it would
 * only repeat the complaint. A need that is not part of the run, or that could not look, blocks nothing.
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<CheckRun> {
  const { excluded, signal, now, onStart, onEnd } = options;
  const started = new Map<CheckId, Promise<Settled>>();
  const byId = new Map(checks.map((check) => [check.id, check]));
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });

  const start = (check: Check): Promise<Settled> => {
    const known = started.get(check.id);
    if (known) return known;
    const promise = settle(check).then((settled) => {
      onEnd?.(settled.ended);
      return settled;
    });
    started.set(check.id, promise);
    return promise;
  };

  const blockerAmong = async (needs: readonly CheckId[]): Promise<Blocker | undefined> => {
    const settled = await Promise.all(needs.flatMap((id) => byId.get(id) ?? []).map(start));
    return settled.find(({ blocker }) => blocker !== undefined)?.blocker;
  };

  const settle = async (check: Check): Promise<Settled> => {
    const why = excluded.get(check.id);
    if (why !== undefined) return { ended: { check, result: skip(why), durationMs: 0 }, blocker: undefined };
    const before = await blockerAmong(check.startsAfter ?? check.needs);
    if (before !== undefined) return blocked(check, before);
    if (signal.aborted) return unfinished(check, 0);

    onStart?.(check);
    const startedAt = now();
    const running = limited(options.run(check)).then((result) => ({ result, endedAt: now() }));
    // If a need fails in the meantime, this result, or an error, is of no interest.
    running.catch(() => undefined);
    const meanwhile = await blockerAmong(check.needs);
    if (meanwhile !== undefined) return blocked(check, meanwhile);
    const first = await Promise.race([running, stopped]);
    if (first === 'stopped') return unfinished(check, Math.round(now() - startedAt));
    const { result, endedAt } = first;
    return {
      ended: { check, result, durationMs: Math.round(endedAt - startedAt) },
      blocker: result.status === 'fail' ? { id: check.id, end: 'failed' } : undefined,
    };
  };

  const blocked = (check: Check, blocker: Blocker): Settled => {
    const result = skip(`not run: ${blocker.id} ${blocker.end}`);
    return { ended: { check, result, durationMs: 0, blockedBy: blocker.id }, blocker };
  };

  const unfinished = (check: Check, durationMs: number): Settled => ({
    ended: { check, result: skip(`not finished: ${endDescriptions[endOf(signal)]}`), durationMs },
    blocker: { id: check.id, end: 'did not end' },
  });

  const settled = await Promise.all(checks.map(start));
  return { ended: settled.map(({ ended }) => ended), end: endOf(signal) };
}

interface Settled {
  readonly ended: EndedCheck;
  /** What blocks the checks that need this one. */
  readonly blocker: Blocker | undefined;
}

/** A check that failed or did not end. */
interface Blocker {
  readonly id: CheckId;
  readonly end: 'failed' | 'did not end';
}

/** How a run ended, for people. */
export const endDescriptions: Readonly<Record<RunEnd, string>> = {
  finished: 'finished',
  interrupted: 'interrupted',
  'time-limit': 'time limit reached (--timeout)',
};

function endOf({ aborted, reason }: AbortSignal): RunEnd {
  if (!aborted) return 'finished';
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'time-limit' : 'interrupted';
}

async function limited(result: Promise<CheckResult>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          fail(
            `not done after ${limitMs / 1000} s`,
            'Run doctor again, from a machine closer to the server.',
          ),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
