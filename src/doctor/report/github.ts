import { annotation } from '../../text/github-annotation.ts';
import { worstFirst } from '../check.ts';
import { type CheckReport, type Examination, failsRun } from './report.ts';

/** GitHub shows ten annotations of each kind a step, and drops the rest. */
const mostAnnotations = 10;

/**
 * Workflow commands that put the failures and warnings beside a run, worst first, and a line with the counts
 * (GitHub: Workflow commands for GitHub Actions).
 */
export function renderGithub(examination: Examination): string {
  const { checks, summary, target } = examination.report;
  const annotations = checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .toSorted(worstFirst)
    .map((check) => annotate(check, failsRun(check, examination)));
  if (!examination.finished)
    annotations.unshift(annotation('error', 'the run was not finished', { title: 'doctor' }));
  const line = `doctor ${target.domain}: ${summary.pass} passed, ${summary.warn} warned, ${summary.fail} failed, ${summary.skip} skipped`;
  return [...annotations.slice(0, mostAnnotations), line, ''].join('\n');
}

/** The page for `GITHUB_STEP_SUMMARY`, in GitHub's Markdown. */
export function renderStepSummary({ report, finished }: Examination): string {
  const { checks, summary, target, vantage, ok } = report;
  const rows = [...checks]
    .toSorted(worstFirst)
    .map(({ id, status, detail, hint }) => `| ${status} | ${id} | ${cell(detail)} | ${cell(hint ?? '')} |`);
  return [
    `### doctor ${cell(target.domain)}: ${ok ? 'nothing failed' : 'not in order'}`,
    '',
    `${summary.pass} passed, ${summary.warn} warned, ${summary.fail} failed, ${summary.skip} skipped. Seen ${cell(vantage)}.${finished ? '' : ' The run was not finished.'}`,
    '',
    '| | check | | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function annotate({ id, detail, hint }: CheckReport, isFailure: boolean): string {
  const message = hint === null ? detail : `${detail}. ${hint}`;
  return annotation(isFailure ? 'error' : 'warning', message, { title: id });
}

/** Text as text: no table, link, image, mention or HTML may come out of it. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>&@~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
