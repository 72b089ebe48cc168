import { ruleCatalogue } from './catalogue.ts';

/** The documentation page of every rule, in Markdown: the same table that the reports are made from. */
export function renderRulesPage(): string {
  const lines = Object.entries(ruleCatalogue).map(
    ([rule, { holds, source }]) => `- \`${rule}\`: ${holds} _Source: ${source}._`,
  );
  return [
    '# What `manifest validate` holds a manifest to',
    '',
    '<!-- Written by `npm run docs` from src/manifest/rules/catalogue.ts. Change the table, not this page. -->',
    '',
    'Each finding names one of these rules. Something is an error where a source says that Slack refuses it, and a' +
      ' warning where it is likely not meant, or refused by one report only.',
    '',
    'Sources: “schema” is Slack’s published manifest schema, “docs” Slack’s documentation, “reported” what several people' +
      ' published of the answers of Slack’s service, “reported once” a single such report.',
    '',
    ...lines,
    '',
  ].join('\n');
}
