import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { withTimeLimit } from '../net/time-limit.ts';
import type { Check } from './check.ts';
import { type Examination, failsRun, makeReport, type Report, type ReportOptions } from './report/report.ts';
import { type Outcome, runChecks } from './runner.ts';
import type { Selection } from './select.ts';
import type { Subject } from './subject.ts';

export interface ExamineOptions extends Selection, ReportOptions {
  /** Looks afresh: what was seen in an earlier round is forgotten. The signal ends everything that it started. */
  readonly openSubject: (signal: AbortSignal) => Subject;
  /** The limit of one round. */
  readonly timeoutMs: number;
  /** How long rounds are repeated until nothing fails; 0 for a single one. */
  readonly waitMs: number;
  readonly interruption: AbortSignal;
  readonly now: () => number;
  readonly onStart?: (check: Check) => void;
  readonly onEnd?: (outcome: Outcome) => void;
  /** Told before each repetition. */
  readonly onRepeat?: (report: Report) => void;
}

/** Time between two rounds: short enough for a pipeline, long enough for a server that is just starting. */
const pauseMs = 3_000;

/** Runs the checks, and where asked to, again and again until nothing fails that could change, or time is up; the last one counts. */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { now, interruption } = options;
  const deadline = now() + options.waitMs;
  for (;;) {
    const examination = await examineOnce(options);
    const { report } = examination;
    const left = deadline - now();
    const settled = report.ok || isBeyondWaiting(examination, options.checks);
    if (settled || left <= 0 || interruption.aborted) return examination;
    options.onRepeat?.(report);
    const pause = setTimeout(Math.min(pauseMs, left), undefined, { signal: interruption });
    await pause.catch((error: unknown) => {
      if (!interruption.aborted) throw error;
    });
    if (interruption.aborted) return examination;
  }
}

/** Values and files are read once: where they alone are at fault, no repetition helps. */
function isBeyondWaiting(examination: Examination, checks: readonly Check[]): boolean {
  const failed = examination.report.checks.filter((check) => failsRun(check, examination));
  const local = new Set(checks.filter(({ network }) => !network).map(({ id }) => id));
  return failed.length > 0 && failed.every(({ id }) => local.has(id));
}

function examineOnce(options: ExamineOptions): Promise<Examination> {
  const { checks, leftOut, now, interruption } = options;
  // What is still under way when a round ends, be it by a limit, is called off.
  return withTimeLimit(options.timeoutMs, interruption, async (signal) => {
    // Every request under way listens to it.
    setMaxListeners(0, signal);
    const subject = options.openSubject(signal);
    const run = await runChecks(checks, {
      look: (check) => check.run(subject),
      leftOut,
      signal,
      now,
      ...(options.onStart && { onStart: options.onStart }),
      ...(options.onEnd && { onEnd: options.onEnd }),
    });
    return makeReport(run, options);
  });
}
