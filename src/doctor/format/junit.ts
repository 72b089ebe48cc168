import type { CheckReport, Report } from '../report.ts';

/** The report as JUnit XML: a suite for the run, a case for each check; a warning is a case that passed. */
export function renderJunit({ tool, target, vantage, summary, checks }: Report): string {
  const total = checks.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const suite = attributes({
    name: `${tool.name} doctor ${target.domain}`,
    tests: checks.length,
    failures: summary.fail,
    errors: 0,
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
    ...checks.map(renderCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function renderCase({ id, group, status, detail, hint, docs, durationMs }: CheckReport): string {
  const open = `    <testcase${attributes({ classname: group, name: id, time: seconds(durationMs) })}>`;
  const text = escapeXml([detail, ...(hint === null ? [] : [hint]), docs].join('\n'));
  const content = {
    pass: `<system-out>${text}</system-out>`,
    warn: `<system-out>warning: ${text}</system-out>`,
    fail: `<failure${attributes({ type: id, message: detail })}>${text}</failure>`,
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
