/** What the short names mean by which a rule names its sources. */
export const ruleSources: Readonly<Record<string, string>> = {
  schema: "Slack's published manifest schema",
  docs: "Slack's documentation, https://docs.slack.dev/reference/app-manifest",
  "Slack's SDK": 'the types of @slack/web-api and @slack/types',
  reported: "several people independently published how Slack's service responded",
  'reported once': "one person published how Slack's service responded",
};

/** The sources of a rule in full; where they are a sentence with short names, what those mean follows it. */
export function describeSources(source: string): string {
  const parts = source.split(/[;,] /).map((part) => ruleSources[part]);
  if (!parts.includes(undefined)) return parts.join('; ');
  // The longer name first: `reported once` contains another one.
  const named = source.match(/Slack's SDK|schema|docs|reported once|reported/g) ?? [];
  const meanings = [...new Set(named)].map((name) => `${name}: ${ruleSources[name]}`);
  return meanings.length === 0 ? source : `${source} (${meanings.join('; ')})`;
}
