import { worstFirst } from '../check.ts';
import { renderWay, unicodeMarks } from './marks.ts';
import { type Examination, titleOf } from './report.ts';
import { countEnds } from './summary.ts';

/** The report in GitHub's Markdown, for a ticket, a pull request and `GITHUB_STEP_SUMMARY`. */
export function renderMarkdown({ report, runProblem }: Examination): string {
  const { checks, vantage, ok } = report;
  const rows = [...checks]
    .toSorted(worstFirst)
    .map(({ id, status, detail, hint }) => `| ${status} | ${id} | ${cell(detail)} | ${cell(hint ?? '')} |`);
  const [failed] = checks.filter(({ status }) => status === 'fail');
  return [
    `### ${cell(titleOf(report))}: ${ok ? 'nothing failed' : 'failed'}`,
    '',
    ...renderWay(checks, unicodeMarks).flatMap((line) => [`**${line}**`, '']),
    `${countEnds(checks)}.${runProblem === undefined ? '' : ` Result: ${cell(runProblem)}.`}`,
    '',
    ...(failed
      ? [`**${failed.id}**: ${cell(failed.detail)}`, '', `${cell(failed.hint ?? '')} \`${failed.docs}\``, '']
      : []),
    '| Result | Check | Detail | What to do |',
    '| ------ | ----- | ------ | ---------- |',
    ...rows,
    '',
    `Run ${cell(vantage)}.`,
    '',
  ].join('\n');
}

/** Escapes text so that it stays text: no table, link, image, mention or HTML. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>&@~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
