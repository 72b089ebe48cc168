import { type CheckReport, type Examination, failsRun, titleOf } from './report.ts';

/**
 * The report as JUnit XML: a suite for the run, a case for each check. A warning is a case that passed, unless it counts
 * as a failure. What is wrong with the run itself, such as a time limit that was reached, is a case of its own.
 */
export function renderJunit(examination: Examination): string {
  const { tool, vantage, summary, checks } = examination.report;
  const runProblems = examination.runProblem === undefined ? [] : [examination.runProblem];
  const total = checks.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const suite = attributes({
    name: `${tool.name} ${titleOf(examination.report)}`,
    tests: checks.length + runProblems.length,
    failures: checks.filter((check) => failsRun(check, examination)).length,
    errors: runProblems.length,
    skipped: summary.skip,
    time: seconds(total),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${suite}>`,
    '    <properties>',
    `      <property${attributes({ name: 'vantage', value: vantage })}/>`,
    '    </properties>',
    ...checks.map((check) => renderCase(check, failsRun(check, examination))),
    ...runProblems.map(renderRunProblem),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function renderRunProblem(problem: string): string {
  return `    <testcase classname="doctor" name="run"><error${attributes({ message: problem })}/></testcase>`;
}

function renderCase(
  { id, group, status, detail, hint, docs, durationMs }: CheckReport,
  isFailure: boolean,
): string {
  const open = `    <testcase${attributes({ classname: group, name: id, time: seconds(durationMs) })}>`;
  const text = escapeXml([detail, ...(hint === null ? [] : [hint]), docs].join('\n'));
  const failure = `<failure${attributes({ type: id, message: detail })}>${text}</failure>`;
  const content = {
    pass: `<system-out>${text}</system-out>`,
    warn: isFailure ? failure : `<system-out>warning: ${text}</system-out>`,
    fail: failure,
    skip: `<skipped${attributes({ message: detail })}/>`,
  }[status];
  return `${open}${content}</testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
