import { createHash } from 'node:crypto';
import type { HttpResponse } from '../../http/route.ts';
import { script } from './script.ts';

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --bad: #c62828; --good: #2e7d32 }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #81c784 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline }
h1 { font-size: 1.25rem; margin: 0 }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
#cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0 0 }
#cards > div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .75rem }
dt { font-size: .8125rem } dd { margin: 0; font-size: 1.25rem; font-weight: 600 } dd small { display: block; font-size: .8125rem; font-weight: 400; color: CanvasText }
.bad { color: var(--bad) } .good { color: var(--good) }
table { width: 100%; border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } td { white-space: nowrap } td.what, td.reason { white-space: normal } .ms { text-align: right }
ul { margin: 0; padding: 0; list-style: none } li { padding: .4rem 0; border-bottom: 1px solid var(--line) }
code { display: block; font-size: .8125rem; user-select: all }
.old :is(#cards, #dead, #replicas) { opacity: .6 } .old #cards * { color: inherit }
[hidden] { display: none !important }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  tr { display: flex; flex-wrap: wrap; gap: 0 .6rem; border-bottom: 1px solid var(--line); padding: .4rem 0 }
  td { border: 0; padding: 0 } td.reason { flex-basis: 100% } td.ms { margin-left: auto } td.ms::after { content: ' ms' }
}
`;

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only the style and the script of this page, and events from this server; nothing to submit, no frames. */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src ${digest(style)}`,
    `script-src ${digest(script)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
} as const;

const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>spacelift-slack</title>
<style>${style}</style>
<header><h1>spacelift-slack</h1><span id="name"></span><strong id="state" role="status">connecting</strong></header>
<noscript><p>This page needs JavaScript. The same figures are in /metrics.</p></noscript>
<dl id="cards"></dl>
<section id="dead" hidden><h2>Dead letters</h2><ul></ul></section>
<section id="replicas" hidden><h2>Replicas with Socket Mode</h2><ul></ul></section>
<section><h2>Last requests</h2>
<table><thead><tr><th>Time<th>Kind<th>Who<th>What<th>Outcome<th class="ms">ms<th>Reason</thead><tbody id="requests"></tbody></table>
<p id="none" hidden>No request since the start.</p></section>
<script>${script}</script>
</html>
`;

/** The status page. It contains no data: its script reads them as server-sent events. */
export function statusPage(): HttpResponse {
  return { status: 200, headers, body };
}
