import { type Setting, shownAppId } from './setting.ts';

/** Whether what a page shows is what was printed, where a line of `…` stands for any lines. */
export function shows(printed: readonly string[], shown: readonly string[]): boolean {
  if (shown.length === 0) return printed.length === 0;
  const parts = shown.join('\n').split(/^…$/m);
  let rest = printed.join('\n');
  return parts.every((part, index) => {
    const text = part.replace(/^\n|\n$/g, '');
    const at = index === 0 && text !== '' ? (rest.startsWith(text) ? 0 : -1) : rest.indexOf(text);
    if (at === -1) return false;
    rest = rest.slice(at + text.length);
    return index < parts.length - 1 || text === '' || rest.trim() === '';
  });
}

/** What was printed, with the ids of the examples, and without what only the test has. */
export function asInExamples(output: string, { newest, slack }: Setting): readonly string[] {
  const { id, credentials } = newest();
  return (
    output
      .replaceAll(id, shownAppId)
      .replaceAll(credentials.client_id, '4593062553.5555814477641')
      .replaceAll(slack.url, 'https://slack.com')
      // With --connect-to, which a reader does not need, no name is looked up.
      .replace(/^(Slack.*) · DNS /m, '$1 ✓ DNS ')
      .replace(/\d+(?:\.\d+)? m?s\b/g, '12 ms')
      .replace(/127\.0\.0\.1:(?!3000|3001)\d+/g, '127.0.0.1:3001')
      .split('\n')
      .filter((line) => !/SLACK_API_URL|--connect-to|--ca |running \d+ checks/.test(line))
      .slice(0, -1)
  );
}
