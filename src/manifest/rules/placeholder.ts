/** A part of a URL that a template left to be replaced. */
export interface Placeholder {
  readonly text: string;
  /** False if the text could be intended. */
  readonly certain: boolean;
}

/** The longest URL that Slack's schema allows anywhere; longer ones are not searched. */
const longestUrl = 3_500;

// Square brackets are allowed in a query and around an IPv6 address. A percent sign with two hex digits is an escape.
const marks =
  /<[^<>]*>|\{\{?[^{}]*\}?\}|\$\{\w+\}|\$[A-Z][A-Z_]+|%(?![A-F]{2}%)[A-Z_]{2,}%|__\w+__|(?<!\?.*)\[[^[\]:]+\]/gs;

/**
 * Finds a placeholder in a URL. Brackets, braces and bare words cannot be a host, though a path may hold them; names
 * such as `your-app.example.com` could be a host.
 */
export function findPlaceholder(text: string): Placeholder | undefined {
  if (text.length > longestUrl) return undefined;
  const marked = [...text.matchAll(marks)];
  const authority = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(text)?.[0] ?? '';
  const certain = marked.find(({ 0: mark, index }) => mark.startsWith('<') || index < authority.length)?.[0];
  if (certain !== undefined) return { text: certain, certain: true };
  const bare = /^[A-Z][A-Z0-9_-]{2,}(?=\/|$)/.exec(text)?.[0];
  if (bare !== undefined) return { text: bare, certain: true };
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/:?#]+)/i.exec(text)?.[1] ?? '';
  const upper = /(?:^|\.)([A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+)(?=\.|$)/.exec(host)?.[1];
  const word =
    /(?:^|[.-])(your[-_]?(?:[a-z0-9]+[-_])*(?:app|domain|host|server|url|site|company|subdomain|ngrok[a-z0-9]*|tunnel|name)|x{3,}|changeme|replace[-_]?me|placeholder)(?=[.-]|$)/i.exec(
      host,
    )?.[1];
  const name = upper ?? word;
  if (name !== undefined) return { text: name, certain: !host.includes('.') };
  const part = marked[0]?.[0];
  return part === undefined ? undefined : { text: part, certain: false };
}
