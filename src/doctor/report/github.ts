import { annotation } from '../../text/github-annotation.ts';
import { worstFirst } from '../check.ts';
import { type CheckReport, type Examination, failsRun, titleOf } from './report.ts';

/** GitHub shows ten annotations of each kind per step, and discards the rest. */
const mostAnnotations = 10;

/**
 * Workflow commands that put the failures and warnings beside a run, worst first, and a line with the counts
 * (GitHub: Workflow commands for GitHub Actions).
 */
export function renderGithub(examination: Examination): string {
  const { checks, summary } = examination.report;
  const annotations = checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .toSorted(worstFirst)
    .map((check) => annotate(check, failsRun(check, examination)));
  const { runProblem } = examination;
  if (runProblem !== undefined) annotations.unshift(annotation('error', runProblem, { title: 'doctor' }));
  const line = `${titleOf(examination.report)}: ${summary.pass} passed, ${summary.warn} warned, ${summary.fail} failed, ${summary.skip} skipped`;
  return [...annotations.slice(0, mostAnnotations), line, ''].join('\n');
}

function annotate({ id, detail, hint }: CheckReport, isFailure: boolean): string {
  const message = hint === null ? detail : `${detail}. ${hint}`;
  return annotation(isFailure ? 'error' : 'warning', message, { title: id });
}
