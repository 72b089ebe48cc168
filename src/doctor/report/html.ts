import { escapeHtml } from '../../text/escape-html.ts';
import { groups } from '../catalogue/catalogue.ts';
import type { Status } from '../check.ts';
import { unicodeMarks, wayOf } from './marks.ts';
import { type CheckReport, type Examination, noDomain, titleOf } from './report.ts';
import { countEnds, groupStatus } from './summary.ts';

/** The report as one HTML file without scripts, fonts or images from elsewhere, for a browser or an attachment. */
export function renderHtml({ report, runProblem }: Examination): string {
  const { checks, target, vantage, ok, tool } = report;
  const title = `${titleOf(report)}: ${ok ? 'nothing failed' : 'failed'}`;
  const problems = (status: Status) => checks.filter((check) => check.status === status);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(target.domain ?? 'doctor')}</h1>
<p class="url">${escapeHtml(target.webhookUrl ?? noDomain)}</p>
<p class="result ${ok ? 'pass' : 'fail'}">${escapeHtml(countEnds(checks))}${runProblem === undefined ? '' : `: ${escapeHtml(runProblem)}`}</p>
${renderWay(checks)}
${[...problems('fail'), ...problems('warn')].map(renderProblem).join('\n')}
<h2>All checks</h2>
${groups.map((group) => renderGroup(checks.filter((check) => check.group === group))).join('\n')}
<footer>Run ${escapeHtml(vantage)}. ${escapeHtml(`${tool.name} ${tool.version}`)}</footer>
</main>
</body>
</html>
`;
}

/** The way of a request, as a picture: boxes with a mark, side by side or on a phone below each other. */
function renderWay(checks: readonly CheckReport[]): string {
  const steps = wayOf(checks);
  if (steps.length === 0) return '';
  const items = steps.map(({ name, status }) => `<li class="${status}">${mark(status)} ${name}</li>`);
  return `<ol class="way" aria-label="The way of a request from Slack"><li>Slack</li>${items.join('')}</ol>`;
}

function renderProblem({ id, status, title, detail, hint, docs }: CheckReport): string {
  return `<section class="${status}">
<h2>${mark(status)} <code>${id}</code></h2>
<p class="title">Passes if ${escapeHtml(title)}.</p>
<p>${escapeHtml(detail)}</p>
${hint === null ? '' : `<p><strong>What to do:</strong> ${escapeHtml(hint)}</p>`}
<p><code>${escapeHtml(docs)}</code></p>
</section>`;
}

function renderGroup(checks: readonly CheckReport[]): string {
  const [first] = checks;
  if (!first) return '';
  const status = groupStatus(checks);
  const rows = checks.map(
    (check) =>
      `<tr><td class="${check.status}">${mark(check.status)}</td><th scope="row"><code>${check.id}</code></th><td>${escapeHtml(check.detail)}</td></tr>`,
  );
  const open = status === 'fail' || status === 'warn' ? ' open' : '';
  return `<details${open}><summary><span class="${status}">${mark(status)}</span> ${first.group} <small>${countEnds(checks)}</small></summary><table>${rows.join('')}</table></details>`;
}

const words: Readonly<Record<Status, string>> = {
  pass: 'passed',
  warn: 'warned',
  fail: 'failed',
  skip: 'skipped',
};

/** A mark that a screen reader reads as a word. */
function mark(status: Status): string {
  return `<span role="img" aria-label="${words[status]}">${unicodeMarks[status]}</span>`;
}

const style = `
:root{color-scheme:light dark;--text:#1c1e21;--back:#fff;--soft:#5b6168;--line:#d5d9de;--pass:#17662f;--warn:#805300;--fail:#b3131f}
@media(prefers-color-scheme:dark){:root{--text:#e6e8eb;--back:#16181c;--soft:#a3abb5;--line:#3a4048;--pass:#6fcf8b;--warn:#e3b75b;--fail:#ff8a8a}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}p{margin:.4rem 0}
code{font:.95em ui-monospace,monospace}small,footer,.url,.title{color:var(--soft)}footer{margin-top:2rem;font-size:.85rem}
.pass{color:var(--pass)}.warn{color:var(--warn)}.fail{color:var(--fail)}.skip{color:var(--soft)}.result{font-weight:600}
.way{display:flex;flex-wrap:wrap;gap:.5rem 1.75rem;list-style:none;margin:1rem 0;padding:0}
.way li{position:relative;border:2px solid;border-radius:.5rem;padding:.4rem .8rem;font-weight:600}
.way li+li::before{content:"";position:absolute;right:100%;top:50%;width:1.75rem;border-top:2px solid;margin-right:2px}
.way .fail,.way .skip{border-style:dashed}.way .fail::before,.way .skip::before{border-top-style:dashed!important}
section{border:1px solid var(--line);border-left:.3rem solid currentColor;border-radius:.4rem;padding:.2rem 1rem .6rem;margin:1rem 0}
section h2{margin-top:.6rem}section p{color:var(--text)}section .title{color:var(--soft)}
details{border-top:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer;font-weight:600}summary small{font-weight:400}
table{border-collapse:collapse;width:100%;margin:.4rem 0}th,td{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0;font-weight:400}th{white-space:nowrap;width:15rem}td:first-child{width:1.5rem}
@media(max-width:40rem){.way{flex-direction:column;gap:1rem}.way li+li::before{right:auto;left:1.2rem;top:auto;bottom:100%;width:0;height:1rem;border-top:0;border-left:2px solid}
table,tbody,tr,th,td{display:block}tr{display:grid;grid-template-columns:1.5rem 1fr;padding:.25rem 0}tr td:last-child{grid-column:2}th{white-space:normal;width:auto}td:first-child{width:auto}}
`;
