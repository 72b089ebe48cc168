import { type Check, type CheckId, type Finding, fail, skip } from './check.ts';

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
 * Runs checks side by side, each as soon as what it needs has ended. A check whose need failed, or was itself held up
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

  const settle = async (check: Check): Promise<Settled> => {
    const why = leftOut.get(check.id);
    if (why !== undefined)
      return { outcome: { check, finding: skip(why), durationMs: 0 }, heldUpBy: undefined };
    const needs = check.needs.flatMap((id) => byId.get(id) ?? []);
    const [first] = (await Promise.all(needs.map(start))).flatMap(({ heldUpBy }) => heldUpBy ?? []);
    if (first !== undefined) {
      const finding = skip(`not checked, since ${first} ${signal.aborted ? 'did not end' : 'failed'}`);
      return { outcome: { check, finding, durationMs: 0 }, heldUpBy: first };
    }
    if (signal.aborted) return { ...unfinished(check, 0), heldUpBy: check.id };
    onStart?.(check);
    const startedAt = now();
    const finding = await Promise.race([limited(options.look(check)), stopped]);
    const durationMs = Math.round(now() - startedAt);
    if (finding === 'stopped') return { ...unfinished(check, durationMs), heldUpBy: check.id };
    return {
      outcome: { check, finding, durationMs },
      heldUpBy: finding.status === 'fail' ? check.id : undefined,
    };
  };

  const unfinished = (check: Check, durationMs: number): { readonly outcome: Outcome } => ({
    outcome: { check, finding: skip(reasonOf(signal)), durationMs },
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
