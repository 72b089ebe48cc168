import type { ChalkInstance } from 'chalk';
import { groups } from '../catalogue/catalogue.ts';
import type { Status } from '../check.ts';
import type { CheckReport, Report } from './report.ts';

/** The report for people: a line a check, and what to do under what is not well. */
export function renderText(report: Report, pen: ChalkInstance): string {
  const { domain, webhookUrl } = report.target;
  const lines = [`${pen.bold(domain)}  ${webhookUrl}`, `Seen ${report.vantage}.`];
  const width = Math.max(...report.checks.map(({ id }) => id.length));
  for (const group of groups) {
    const checks = report.checks.filter((check) => check.group === group);
    if (checks.length === 0) continue;
    lines.push('', pen.bold(group), ...checks.flatMap((check) => renderCheck(check, width, pen)));
  }
  return [...lines, '', renderSummary(report, pen), ''].join('\n');
}

/** One check as one line: `pass  dns.resolves  …`. */
export function renderLine(
  { id, status, detail }: Pick<CheckReport, 'id' | 'status' | 'detail'>,
  width: number,
  pen: ChalkInstance,
): string {
  return `${paint(status, pen)}  ${id.padEnd(width)}  ${status === 'skip' ? pen.dim(detail) : detail}`;
}

function renderCheck(check: CheckReport, width: number, pen: ChalkInstance): string[] {
  const line = `  ${renderLine(check, width, pen)}`;
  if (check.status === 'pass' || check.hint === null) return [line];
  const indent = ' '.repeat(2 + 'pass'.length + 2 + width + 2);
  const docs = check.status === 'skip' ? [] : [`${indent}${pen.dim(check.docs)}`];
  return [line, `${indent}${check.hint}`, ...docs];
}

function renderSummary({ summary, checks, ok }: Report, pen: ChalkInstance): string {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  const names = failed.length === 0 ? '' : `: ${failed.join(', ')}`;
  const counts = `${summary.pass} passed, ${summary.warn} warned, ${summary.skip} skipped, ${summary.fail} failed${names}`;
  return ok ? pen.green(counts) : pen.red(counts);
}

function paint(status: Status, pen: ChalkInstance): string {
  const colours = { pass: pen.green, warn: pen.yellow, fail: pen.red.bold, skip: pen.dim };
  return colours[status](status);
}
