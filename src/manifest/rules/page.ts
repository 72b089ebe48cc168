import { prose, table } from '../../text/markdown.ts';
import { ruleGroups } from './catalogue.ts';
import type { Rule } from './rule.ts';
import { ruleSources } from './sources.ts';

/** docs/manifest-rules.md in Markdown, from the rules themselves. */
export function renderRulesPage(): string {
  const sections = ruleGroups.map(({ title, rules }) => [`## ${title}`, ...rules.map(section)].join('\n\n'));
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

const introduction = `# The rules of \`manifest validate\`

<!-- Written by \`npm run docs\` from src/manifest/rules/. Change the rules there, not this page. -->

\`spacelift-slack manifest validate\` checks the manifest of any Slack app offline. Each finding names one of the rules
below; \`spacelift-slack explain <rule>\` prints the same section.

A rule is an **error** where a source states that Slack rejects the manifest, or that the app cannot work. Anything else
is a **warning**; with \`--strict\` warnings make the manifest invalid too. No rule applies to the URLs of an app that uses
Socket Mode, except to redirect URLs: Slack calls none of them.

${table([['Source', 'Meaning'], ...Object.entries(ruleSources).map(([name, meaning]) => [name, prose(meaning)])])}`;

function section({ id, severity, title, why, fix, source }: Rule): string {
  return [
    `### \`${id}\``,
    '',
    `- Severity: ${severity}`,
    `- Requires: ${prose(title)}`,
    `- Why: ${prose(why)}`,
    `- What to do: ${prose(fix)}`,
    `- Source: ${prose(source)}`,
  ].join('\n');
}
