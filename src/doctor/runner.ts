import type { CheckId } from './catalogue/catalogue.ts';
import { type Check, type Finding, fail, skip } from './check.ts';

/** How a check ended, or why it did not run. */
export interface Outcome {
  readonly check: Check;
  readonly finding: Finding;
  readonly durationMs: number;
}

export interface RunOptions {
  /** Looks once; what it throws is a bug. */
  readonly look: (check: Check) => Promise<Finding>;
  /** Checks that are not to run, with why. */
  readonly leftOut: ReadonlyMap<CheckId, string>;
  /** Ends the run: what is not done by then is reported as skipped, with the text of the signal's reason. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onStart?: (check: Check) => void;
  readonly onEnd?: (outcome: Outcome) => void;
}

export interface Run {
  /** In the order of the checks. */
  readonly outcomes: readonly Outcome[];
  /** False where the signal came before the end. */
  readonly finished: boolean;
}

/** The time that one check has. Those that look at a network have shorter limits of their own. */
const limitMs = 20_000;

/**
 * Runs checks side by side, each as soon as what it needs has passed. A check whose need failed, or was itself held up
 * by a failure, is skipped: it would only repeat the complaint. A need that was left out, or that could not look,
 * holds nothing up.
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<Run> {
  const { leftOut, signal, now, onStart, onEnd } = options;
  const started = new Map<CheckId, Promise<Settled>>();
  const byId = new Map(checks.map((check) => [check.id, check]));
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });

  const start = (check: Check): Promise<Settled> => {
    const known = started.get(check.id);
    if (known) return known;
    const promise = settle(check).then((settled) => {
      onEnd?.(settled.outcome);
      return settled;
    });
    started.set(check.id, promise);
    return promise;
  };

  const heldUpBy = async (needs: readonly CheckId[]): Promise<CheckId | undefined> => {
    const settled = await Promise.all(needs.flatMap((id) => byId.get(id) ?? []).map(start));
    return settled.find((one) => one.heldUpBy !== undefined)?.heldUpBy;
  };

  const settle = async (check: Check): Promise<Settled> => {
    const why = leftOut.get(check.id);
    if (why !== undefined)
      return { outcome: { check, finding: skip(why), durationMs: 0 }, heldUpBy: undefined };
    const before = await heldUpBy(check.looksAfter ?? check.needs);
    if (before !== undefined) return held(check, before);
    if (signal.aborted) return unfinished(check, 0);

    onStart?.(check);
    const startedAt = now();
    const looking = limited(options.look(check)).then((finding) => ({ finding, endedAt: now() }));
    // Where a need fails in the meantime, what this one saw, or stumbled over, is of no interest.
    looking.catch(() => undefined);
    const meanwhile = await heldUpBy(check.needs);
    if (meanwhile !== undefined) return held(check, meanwhile);
    const seen = await Promise.race([looking, stopped]);
    if (seen === 'stopped') return unfinished(check, Math.round(now() - startedAt));
    const { finding, endedAt } = seen;
    return {
      outcome: { check, finding, durationMs: Math.round(endedAt - startedAt) },
      heldUpBy: finding.status === 'fail' ? check.id : undefined,
    };
  };

  const held = (check: Check, by: CheckId): Settled => {
    const finding = skip(`not checked, since ${by} ${signal.aborted ? 'did not end' : 'failed'}`);
    return { outcome: { check, finding, durationMs: 0 }, heldUpBy: by };
  };

  const unfinished = (check: Check, durationMs: number): Settled => ({
    outcome: { check, finding: skip(reasonOf(signal)), durationMs },
    heldUpBy: check.id,
  });

  const settled = await Promise.all(checks.map(start));
  return { outcomes: settled.map(({ outcome }) => outcome), finished: !signal.aborted };
}

interface Settled {
  readonly outcome: Outcome;
  /** The check without whose success those behind it are not run. */
  readonly heldUpBy: CheckId | undefined;
}

async function limited(look: Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          fail(`not done after ${limitMs / 1000} s`, 'Run the doctor again, from nearer if that helps.'),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? 'not finished within the time of the run (--timeout)'
    : 'not finished: the run was interrupted';
}
