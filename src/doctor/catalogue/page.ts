import { prose, table } from '../../text/markdown.ts';
import { type CheckId, checkGroups, describedChecks, groups } from './catalogue.ts';
import type { CheckEntry } from './entry.ts';

/** The part of docs/doctor.md about the checks, in Markdown: a table of all of them and a section for each. */
export function renderChecks(): string {
  return [
    `There are ${describedChecks.length} checks in ${groups.length} groups.`,
    table([
      ['Group', 'Check', 'Passes if'],
      ...describedChecks.map(({ group, id, title }) => [group, `[\`${id}\`](#${anchor(id)})`, title]),
    ]),
    ...checkGroups.flatMap(({ group, about, checks }) => [
      `## ${group}`,
      prose(about),
      ...checks.map(renderSection),
    ]),
  ].join('\n\n');
}

/** The enumerations of schemas/doctor-report.schema.json that come from the catalogue, by the property. */
export function schemaEnums() {
  return { id: describedChecks.map(({ id }) => id), group: groups };
}

function renderSection({ id, title, proves, causes, advice, run }: CheckEntry): string {
  return [
    `### \`${id}\``,
    `_Passes if ${prose(title)}._ ${prose(proves)}`,
    'Likely causes, the likeliest first:',
    causes.map((cause, index) => `${index + 1}. ${prose(cause)}`).join('\n'),
    `**What to do:** ${prose(advice)}`,
    `\`\`\`sh\n${run.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

/** What GitHub makes of the heading. */
function anchor(id: CheckId): string {
  return id.replaceAll('.', '');
}
