import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { withTimeLimit } from '../net/time-limit.ts';
import type { Check, CheckResult } from './check.ts';
import { type Examination, failsRun, makeReport, type Report, type ReportOptions } from './report/report.ts';
import { type CheckRun, type EndedCheck, runChecks } from './runner.ts';
import type { CheckSelection } from './select.ts';
import type { Subject, SubjectWithoutDomain } from './subject.ts';

export interface ExamineOptions extends CheckSelection, ReportOptions {
  /** Opens everything afresh: what an earlier round saw is forgotten. The signal ends all that it started. */
  readonly openSubject: (signal: AbortSignal) => Subject | SubjectWithoutDomain;
  /** The time limit of one round. */
  readonly timeoutMs: number;
  /** How long rounds are repeated until nothing fails; 0 for a single one. */
  readonly waitMs: number;
  readonly interruption: AbortSignal;
  readonly now: () => number;
  readonly onStart?: (check: Check) => void;
  readonly onEnd?: (ended: EndedCheck) => void;
  /** Called before each repetition. */
  readonly onRepeat?: (report: Report) => void;
}

/** Time between two rounds: short enough for a pipeline, long enough for a server that is just starting. */
const pauseMs = 3_000;

/**
 * Runs the checks, and with `waitMs` again and again until nothing fails that a repetition could change, or time is
 * up. The last round counts.
 */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { now, interruption } = options;
  const deadline = now() + options.waitMs;
  for (;;) {
    const run = await runOnce(options);
    const examination = makeReport(run, options);
    const { report } = examination;
    const left = deadline - now();
    const settled = report.ok || onlyInputsFail(run, options.strict);
    if (settled || left <= 0 || interruption.aborted) return examination;
    options.onRepeat?.(report);
    const pause = setTimeout(Math.min(pauseMs, left), undefined, { signal: interruption });
    // It rejects if it is interrupted, and for no other reason.
    await pause.catch(() => undefined);
    if (interruption.aborted) return examination;
  }
}

/** Values and files are read once, before the first round: if they alone are at fault, no repetition helps. */
function onlyInputsFail({ ended }: CheckRun, strict: boolean): boolean {
  const failed = ended.filter(({ result }) => failsRun(result, { strict }));
  return failed.length > 0 && failed.every(({ check, result }) => !check.network || result.inputAtFault);
}

function runOnce(options: ExamineOptions): Promise<CheckRun> {
  const { checks, excluded, now, interruption, onStart, onEnd } = options;
  // The signal also ends what is still under way when the round ends.
  return withTimeLimit(options.timeoutMs, interruption, (signal) => {
    // Every request under way listens to it.
    setMaxListeners(0, signal);
    const subject = options.openSubject(signal);
    return runChecks(checks, {
      run: (check) => runCheck(check, subject),
      excluded,
      signal,
      now,
      ...(onStart && { onStart }),
      ...(onEnd && { onEnd }),
    });
  });
}

function runCheck(check: Check, subject: Subject | SubjectWithoutDomain): Promise<CheckResult> {
  if (check.needsDomain === false) return check.run(subject);
  if (!subject.target)
    throw new Error(`${check.id} needs a domain, and was not excluded from a run without one`);
  return check.run(subject);
}
