import { createHash } from 'node:crypto';
import { escapeHtml } from '../../text/escape-html.ts';
import type { HttpResponse } from '../http/route.ts';

/** A page for the person who installs the app. Everything in it is text, and is escaped. */
export interface Page {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly href: string; readonly label: string };
}

const style = `
:root { color-scheme: light dark }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 12vh 1.25rem 2rem; overflow-wrap: anywhere }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25 }
a { display: inline-block; margin-top: .5rem; padding: .75rem 1.25rem; border: 1px solid; border-radius: .5rem;
  color: inherit; text-decoration: none }
small { display: block; margin-top: 2rem; font-size: .8125rem; opacity: .75 }
a:focus-visible { outline: 3px solid }
`;

/** No scripts, no external content, no frames, no forms; only the style above is allowed, by its digest. */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
} as const;

/**
 * A page as a response.
 *
 * @param id of the request: the page shows it from status 400 on, so that the log line can be found
 */
export function pageResponse(id: string, status: number, page: Page): HttpResponse {
  return { status, headers, body: render(page, status >= 400 ? id : undefined) };
}

function render({ title, paragraphs, link }: Page, requestId: string | undefined): string {
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...(link ? [`<a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a>`] : []),
    ...(requestId === undefined
      ? []
      : [`<small>For the operator of this server: request ${requestId}</small>`]),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<main>
${parts.join('\n')}
</main>
</html>
`;
}
