import { expect, it } from 'vitest';
import { describeSources } from '../../../src/manifest/rules/sources.ts';

const schema = "Slack's published manifest schema";
const docs = "Slack's documentation, https://docs.slack.dev/reference/app-manifest";
const reported = "several people independently published how Slack's service responded";
const once = "one person published how Slack's service responded";

it.each([
  ['docs', docs],
  ['schema, docs', `${schema}; ${docs}`],
  ['docs; reported', `${docs}; ${reported}`],
  ["Slack's SDK; reported once", `the types of @slack/web-api and @slack/types; ${once}`],
  ['not documented', 'not documented'],
  ['schema; WHATWG URL', `schema; WHATWG URL (schema: ${schema})`],
  [
    'reported for /me; reported once for others',
    `reported for /me; reported once for others (reported: ${reported}; reported once: ${once})`,
  ],
  ['docs here, docs there', `docs here, docs there (docs: ${docs})`],
])('explains the sources of a rule in full: %s', (source, text) => {
  expect(describeSources(source)).toBe(text);
});
