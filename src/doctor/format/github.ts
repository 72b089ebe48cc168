import { worstFirst } from '../check.ts';
import type { CheckReport, Report } from '../report.ts';

/** GitHub shows ten annotations of each kind a step, and drops the rest. */
const mostAnnotations = 10;

/**
 * Workflow commands that put the failures and warnings beside a run, worst first, and a line with the counts
 * (GitHub: Workflow commands for GitHub Actions).
 */
export function renderGithub({ checks, summary, target }: Report): string {
  const annotations = checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .toSorted(worstFirst)
    .slice(0, mostAnnotations)
    .map(annotate);
  const counts = `doctor ${target.domain}: ${summary.pass} passed, ${summary.warn} warned, ${summary.fail} failed, ${summary.skip} skipped`;
  return [...annotations, counts, ''].join('\n');
}

/** The page for `GITHUB_STEP_SUMMARY`, in GitHub's Markdown. */
export function renderStepSummary({ checks, summary, target, vantage, ok }: Report): string {
  const rows = [...checks]
    .toSorted(worstFirst)
    .map(({ id, status, detail, hint }) => `| ${status} | ${id} | ${cell(detail)} | ${cell(hint ?? '')} |`);
  return [
    `### doctor ${cell(target.domain)}: ${ok ? 'nothing failed' : 'not in order'}`,
    '',
    `${summary.pass} passed, ${summary.warn} warned, ${summary.fail} failed, ${summary.skip} skipped. Seen ${cell(vantage)}.`,
    '',
    '| | check | | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function annotate({ id, status, detail, hint }: CheckReport): string {
  const command = status === 'fail' ? 'error' : 'warning';
  const message = hint === null ? detail : `${detail}. ${hint}`;
  return `::${command} title=${escapeProperty(id)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Text as text: no table, link, image, mention or HTML may come out of it. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>&@~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
