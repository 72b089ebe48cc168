import type { ChalkInstance } from 'chalk';
import { groups } from '../catalogue/catalogue.ts';
import type { Status } from '../check.ts';
import { type Marks, renderWay } from './marks.ts';
import { type CheckReport, type Examination, noDomain } from './report.ts';
import { countEnds, groupStatus } from './summary.ts';

export interface TextOptions {
  readonly pen: ChalkInstance;
  readonly marks: Marks;
  /** What is listed above the failures: nothing, a line for each group with what is not well, or every check. */
  readonly detail: 'failures' | 'groups' | 'all';
}

/**
 * The report for people. The failures of the group that failed first are last, where a screen of 24 rows shows them with
 * their remedies; checks that were not run because of a failure are one line.
 */
export function renderText({ report, runProblem }: Examination, options: TextOptions): string {
  const { pen, marks, detail } = options;
  const { domain, webhookUrl } = report.target;
  const failed = report.checks.filter(({ status }) => status === 'fail');
  const isFirst = ({ group }: CheckReport) => group === failed[0]?.group;
  const failures = [...failed.filter((check) => !isFirst(check)), ...failed.filter(isFirst)];
  const head =
    detail === 'failures'
      ? []
      : [
          domain === null ? noDomain : `${pen.bold(domain)}  ${webhookUrl}`,
          ...renderWay(report.checks, marks, (mark, status) => paint(status, mark, pen)),
          pen.dim(`Run ${report.vantage}.`),
          '',
          ...renderGroups(report.checks, options),
          '',
        ];
  return [
    ...head,
    renderSummary(report, pen),
    ...failures.flatMap((check) => ['', ...renderFailure(check, options)]),
    ...(runProblem === undefined ? [] : ['', paint('fail', `${marks.fail} ${runProblem}`, pen)]),
    '',
  ].join('\n');
}

function renderGroups(checks: readonly CheckReport[], options: TextOptions): string[] {
  const { pen, marks, detail } = options;
  const everywhere = reasonsOfSeveralGroups(checks);
  const isListed = (check: CheckReport) =>
    detail === 'all' || (check.blockedBy === null && !everywhere.includes(check.detail));
  const width = Math.max(...groups.map((group) => group.length));
  const lines = groups.flatMap((group) => {
    const own = checks.filter((check) => check.group === group && isListed(check));
    if (own.length === 0) return [];
    const status = groupStatus(own);
    return [
      `${paint(status, marks[status], pen)} ${pen.bold(group.padEnd(width))}  ${countEnds(own)}`,
      ...(detail === 'all' ? renderChecks(own, options) : renderFolded(own, options)),
    ];
  });
  if (detail === 'all') return lines;
  const folded = everywhere.map((reason) => {
    const count = checks.filter((check) => check.detail === reason).length;
    return pen.dim(`${marks.skip} ${count} checks: ${reason}`);
  });
  const blockers = new Set(checks.flatMap(({ blockedBy }) => blockedBy ?? []));
  return [
    ...lines,
    ...folded,
    ...[...blockers].map((id) => {
      const count = checks.filter(({ blockedBy }) => blockedBy === id).length;
      const isFailure = checks.some((check) => check.id === id && check.status === 'fail');
      const why = `${id} ${isFailure ? 'failed' : 'did not end'}`;
      return pen.dim(`${marks.skip} ${count} ${count === 1 ? 'check' : 'checks'} not run: ${why}`);
    }),
  ];
}

/** Why checks of more than one group were skipped, such as an option: each reason is one line below the groups. */
function reasonsOfSeveralGroups(checks: readonly CheckReport[]): readonly string[] {
  const skipped = checks.filter(({ status, blockedBy }) => status === 'skip' && blockedBy === null);
  const reasons = [...new Set(skipped.map(({ detail }) => detail))];
  return reasons.filter(
    (reason) => new Set(skipped.flatMap(({ detail, group }) => (detail === reason ? group : []))).size > 1,
  );
}

/** The checks of a group that did not pass; those that were skipped for one reason are one line. */
function renderFolded(checks: readonly CheckReport[], options: TextOptions): string[] {
  const { pen, marks } = options;
  const skipped = checks.filter(({ status }) => status === 'skip');
  const shared = [...new Set(skipped.map(({ detail }) => detail))]
    .map((detail) => ({ detail, count: skipped.filter((check) => check.detail === detail).length }))
    .filter(({ count }) => count > 1);
  const isShared = (check: CheckReport) =>
    check.status === 'skip' && shared.some(({ detail }) => detail === check.detail);
  return [
    ...renderChecks(
      checks.filter((check) => check.status !== 'pass' && !isShared(check)),
      options,
    ),
    ...shared.map(({ detail, count }) => pen.dim(`  ${marks.skip} ${count} checks: ${detail}`)),
  ];
}

/** The checks of a group. A failure is only named: it has its place below the summary. */
function renderChecks(checks: readonly CheckReport[], { pen, marks }: TextOptions): string[] {
  const width = Math.max(0, ...checks.map(({ id }) => id.length));
  return checks.flatMap(({ id, status, detail, hint }) => {
    const text = status === 'fail' ? 'see below' : detail;
    const line = `  ${paint(status, marks[status], pen)} ${id.padEnd(width)}  ${status === 'skip' ? pen.dim(text) : text}`;
    return status === 'warn' && hint !== null ? [line, `    ${' '.repeat(width)}  ${hint}`] : [line];
  });
}

function renderFailure({ id, detail, hint, docs }: CheckReport, { pen, marks }: TextOptions): string[] {
  return [
    `${paint('fail', `${marks.fail} ${id}`, pen)}  ${detail}`,
    ...(hint === null ? [] : [`  ${hint}`]),
    `  ${pen.dim(docs)}`,
  ];
}

function renderSummary({ summary, checks, ok }: Examination['report'], pen: ChalkInstance): string {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  const names = failed.length === 0 ? '' : `: ${failed.join(', ')}`;
  const counts = `${summary.pass} passed, ${summary.warn} warned, ${summary.skip} skipped, ${summary.fail} failed${names}`;
  return ok ? pen.green(counts) : pen.red(counts);
}

/** Colours a text by a status; the text says the same without colour. */
export function paint(status: Status, text: string, pen: ChalkInstance): string {
  const colours = { pass: pen.green, warn: pen.yellow, fail: pen.red.bold, skip: pen.dim };
  return colours[status](text);
}
