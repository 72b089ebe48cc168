import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { type CheckId, describeCheck } from '../../../src/doctor/catalogue/catalogue.ts';
import type { Status } from '../../../src/doctor/check.ts';
import { renderGithub } from '../../../src/doctor/report/github.ts';
import { renderHtml } from '../../../src/doctor/report/html.ts';
import { renderJunit } from '../../../src/doctor/report/junit.ts';
import { renderMarkdown } from '../../../src/doctor/report/markdown.ts';
import { marksFor } from '../../../src/doctor/report/marks.ts';
import { type CheckReport, type Examination, makeReport } from '../../../src/doctor/report/report.ts';
import { renderText } from '../../../src/doctor/report/text.ts';
import { describeVantage, type VantageFacts } from '../../../src/doctor/report/vantage.ts';
import type { EndedCheck, RunEnd } from '../../../src/doctor/runner.ts';
import { tool } from '../../../src/package.ts';
import { domain } from '../given.ts';

const target = { domain: domain('a.example.com'), webhookDomain: domain('hooks.example.com') };

function ended(id: CheckId, status: Status, more: Partial<EndedCheck> = {}): EndedCheck {
  const hint = status === 'fail' || status === 'warn' ? { hint: 'Fix <it>.' } : {};
  const check = { id, needs: [], network: true, run: () => Promise.reject(new Error('it has run')) };
  return {
    check,
    result: { status, detail: `${id} is ${status} & "so"`, ...hint },
    durationMs: 1_234,
    ...more,
  };
}

function examined(
  checks: readonly EndedCheck[],
  { strict = false, end = 'finished' }: { strict?: boolean; end?: RunEnd } = {},
): Examination {
  return makeReport({ ended: checks, end }, { target, vantage: 'from here', strict });
}

const mixed = [
  ended('domain.valid', 'pass'),
  ended('dns.resolves', 'warn'),
  ended('tls.trusted', 'fail'),
  ended('webhook.reachable', 'skip', { blockedBy: 'tls.trusted', durationMs: 0 }),
];

describe('makeReport', () => {
  it('holds what was checked, how it ended and what to do', () => {
    const { report, runProblem, strict } = examined(mixed);
    expect({ runProblem, strict }).toEqual({ runProblem: undefined, strict: false });
    expect(report).toMatchObject({
      schemaVersion: 1,
      tool,
      target: {
        domain: 'a.example.com',
        webhookUrl: 'https://hooks.example.com/webhooks/slack',
        oauthUrl: 'https://a.example.com/slack_oauth',
      },
      vantage: 'from here',
      ok: false,
      end: 'finished',
      summary: { pass: 1, warn: 1, fail: 1, skip: 1 },
    });
    expect(report.checks[2]).toEqual({
      id: 'tls.trusted',
      group: 'tls',
      status: 'fail',
      title: describeCheck('tls.trusted').title,
      detail: 'tls.trusted is fail & "so"',
      hint: 'Fix <it>.',
      docs: 'spacelift-slack explain tls.trusted',
      durationMs: 1_234,
      blockedBy: null,
    } satisfies CheckReport);
    expect(report.checks[3]).toMatchObject({ hint: null, blockedBy: 'tls.trusted' });
  });

  it.each<[Status, boolean, boolean]>([
    ['pass', false, true],
    ['pass', true, true],
    ['warn', false, true],
    ['warn', true, false],
    ['fail', false, false],
    ['fail', true, false],
    ['skip', false, true],
    ['skip', true, false],
  ])('with a single check that ends with %s, strict %s, is ok: %s', (status, strict, ok) => {
    expect(examined([ended('tls.trusted', status)], { strict }).report.ok).toBe(ok);
  });

  it('is no success if every check was skipped and --strict is given, or if the run did not finish', () => {
    const skipped = [ended('tls.trusted', 'skip'), ended('tls.expiry', 'skip')];
    expect(examined(skipped, { strict: true }).runProblem).toBe(
      'every check was skipped, which --strict counts as a failure',
    );
    expect(examined(skipped).runProblem).toBeUndefined();
    expect(examined([...skipped, ended('tls.version', 'pass')], { strict: true }).report.ok).toBe(true);
    for (const [end, problem] of [
      ['interrupted', 'interrupted'],
      ['time-limit', 'time limit reached (--timeout)'],
    ] as const) {
      expect(examined([ended('tls.trusted', 'pass')], { end })).toMatchObject({
        runProblem: problem,
        report: { ok: false, end },
      });
    }
  });
});

describe('the report for GitHub', () => {
  it('has the failures first, then the warnings, and a line with the counts', () => {
    expect(renderGithub(examined(mixed))).toBe(
      [
        '::error title=tls.trusted::tls.trusted is fail & "so". Fix <it>.',
        '::warning title=dns.resolves::dns.resolves is warn & "so". Fix <it>.',
        'doctor a.example.com: 1 passed, 1 warned, 1 failed, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  it('shows warnings as errors with --strict, and begins with what is wrong with the run', () => {
    expect(renderGithub(examined(mixed, { strict: true, end: 'interrupted' })).split('\n')).toEqual([
      '::error title=doctor::interrupted',
      expect.stringMatching(/^::error title=tls\.trusted::/),
      expect.stringMatching(/^::error title=dns\.resolves::/),
      expect.stringMatching(/^doctor /),
      '',
    ]);
  });

  it('leaves the hint out where there is none', () => {
    const result = { status: 'fail', detail: 'bad' } as const;
    expect(renderGithub(examined([ended('tls.trusted', 'fail', { result })]))).toContain('::bad\n');
  });

  it('has ten annotations at most', () => {
    const many = Array.from({ length: 11 }, () => ended('tls.trusted', 'fail'));
    expect(renderGithub(examined(many)).match(/^::error/gm)).toHaveLength(10);
  });
});

describe('the report as JUnit XML', () => {
  it('is a suite with a case for each check', () => {
    const text = (id: string, status: string) => `${id} is ${status} &amp; &quot;so&quot;`;
    const docs = (id: string) => `spacelift-slack explain ${id}`;
    expect(renderJunit(examined(mixed))).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites>',
        '  <testsuite name="spacelift-slack doctor a.example.com" tests="4" failures="1" errors="0" skipped="1" time="3.702">',
        '    <properties>',
        '      <property name="vantage" value="from here"/>',
        '    </properties>',
        `    <testcase classname="domain" name="domain.valid" time="1.234"><system-out>${text('domain.valid', 'pass')}\n${docs('domain.valid')}</system-out></testcase>`,
        `    <testcase classname="domain" name="dns.resolves" time="1.234"><system-out>warning: ${text('dns.resolves', 'warn')}\nFix &lt;it&gt;.\n${docs('dns.resolves')}</system-out></testcase>`,
        `    <testcase classname="tls" name="tls.trusted" time="1.234"><failure type="tls.trusted" message="${text('tls.trusted', 'fail')}">${text('tls.trusted', 'fail')}\nFix &lt;it&gt;.\n${docs('tls.trusted')}</failure></testcase>`,
        `    <testcase classname="endpoint" name="webhook.reachable" time="0.000"><skipped message="${text('webhook.reachable', 'skip')}"/></testcase>`,
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });

  it('counts a warning as a failure with --strict', () => {
    const xml = renderJunit(examined(mixed, { strict: true }));
    expect(xml).toContain('failures="2"');
    expect(xml).toContain('<failure type="dns.resolves"');
  });

  it('has a case for what is wrong with the run', () => {
    const xml = renderJunit(examined(mixed, { end: 'time-limit' }));
    expect(xml).toContain('tests="5" failures="1" errors="1"');
    expect(xml).toContain(
      '\n    <testcase classname="doctor" name="run"><error message="time limit reached (--timeout)"/></testcase>\n',
    );
  });
});

describe('the report as Markdown', () => {
  it('has the way, the counts, the first failure and all checks, the worst first', () => {
    const so = '&#38; "so"';
    expect(renderMarkdown(examined(mixed))).toBe(
      [
        '### doctor a.example.com: failed',
        '',
        '**Slack ! DNS ✗ TLS · endpoint · signature**',
        '',
        '1 passed, 1 warned, 1 failed, 1 skipped.',
        '',
        `**tls.trusted**: tls.trusted is fail ${so}`,
        '',
        'Fix &#60;it&#62;. `spacelift-slack explain tls.trusted`',
        '',
        '| Result | Check | Detail | What to do |',
        '| ------ | ----- | ------ | ---------- |',
        `| fail | tls.trusted | tls.trusted is fail ${so} | Fix &#60;it&#62;. |`,
        `| warn | dns.resolves | dns.resolves is warn ${so} | Fix &#60;it&#62;. |`,
        `| pass | domain.valid | domain.valid is pass ${so} |  |`,
        `| skip | webhook.reachable | webhook.reachable is skip ${so} |  |`,
        '',
        'Run from here.',
        '',
      ].join('\n'),
    );
  });

  it('names what is wrong with the run', () => {
    const text = renderMarkdown(examined([ended('domain.valid', 'pass')], { end: 'interrupted' }));
    expect(text).toContain('1 passed. Result: interrupted.\n\n| Result |');
    expect(text).toContain(': failed\n');
    expect(renderMarkdown(examined([ended('domain.valid', 'pass')]))).toContain(': nothing failed\n');
  });

  it('escapes everything that Markdown, HTML or a mention could begin with', () => {
    const detail = '\\`*_{}[]()#+!|<>&@~';
    const result = { status: 'pass', detail } as const;
    const [, row = ''] =
      /\| pass \| domain\.valid \| (.*) \| {2}\|/.exec(
        renderMarkdown(examined([ended('domain.valid', 'pass', { result })])),
      ) ?? [];
    expect(row).toBe([...detail].map((character) => `&#${character.charCodeAt(0)};`).join(''));
  });
});

describe('the report as HTML', () => {
  const html = () => renderHtml(examined(mixed));

  it('has no script and nothing from elsewhere', () => {
    expect(html()).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    );
    expect(html()).not.toMatch(/<script|https?:\/\/(?!hooks\.example\.com)|url\(/);
  });

  it('has the way of a request, each step as it ended', () => {
    expect(html().match(/<li class="\w+"><span role="img" aria-label="\w+">.<\/span> \w+/g)).toEqual([
      '<li class="warn"><span role="img" aria-label="warned">!</span> DNS',
      '<li class="fail"><span role="img" aria-label="failed">✗</span> TLS',
      '<li class="skip"><span role="img" aria-label="skipped">·</span> endpoint',
      '<li class="skip"><span role="img" aria-label="skipped">·</span> signature',
    ]);
    expect(renderHtml(examined([ended('slack.reachable', 'pass')]))).not.toContain('<ol');
  });

  it('shows the failures, then the warnings, each with what to do', () => {
    expect(html().match(/<section class="\w+">\n<h2>.*<code>[\w.]+/g)).toEqual([
      expect.stringMatching(/^<section class="fail">.*tls\.trusted$/s),
      expect.stringMatching(/^<section class="warn">.*dns\.resolves$/s),
    ]);
    expect(html()).toContain('<p><strong>What to do:</strong> Fix &lt;it&gt;.</p>');
    expect(html()).toContain('<p>tls.trusted is fail &amp; &quot;so&quot;</p>');
    expect(html()).toContain('<p><code>spacelift-slack explain tls.trusted</code></p>');
    const result = { status: 'fail', detail: 'bad' } as const;
    const withoutHint = renderHtml(examined([ended('tls.trusted', 'fail', { result })]));
    expect(withoutHint).not.toContain('What to do');
  });

  it('has every check in its group, and opens the groups with a failure or a warning', () => {
    expect(html().match(/<details.*?<\/summary>/g)).toEqual([
      expect.stringMatching(/^<details open>.*domain <small>1 passed, 1 warned</),
      expect.stringMatching(/^<details open>.*tls <small>1 failed</),
      expect.stringMatching(/^<details>.*endpoint <small>1 skipped</),
    ]);
    expect(html().match(/<th scope="row"><code>[\w.]+/g)).toHaveLength(4);
    expect(html()).toContain('<td>domain.valid is pass &amp; &quot;so&quot;</td>');
  });

  it('says nothing else', () => {
    const text = renderHtml(examined([ended('tls.trusted', 'pass')]))
      .replace(/<style>.*<\/style>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    expect(text).toBe(
      'doctor a.example.com: nothing failed a.example.com https://hooks.example.com/webhooks/slack 1 passed ' +
        'Slack · DNS ✓ TLS · endpoint · signature All checks ✓ tls 1 passed ✓ tls.trusted ' +
        `tls.trusted is pass &amp; &quot;so&quot; Run from here. ${tool.name} ${tool.version}`,
    );
    expect(renderHtml(examined([ended('slack.reachable', 'pass')]))).toMatch(/<\/p>\s*<h2>All checks/);
  });

  it('says whether something failed, and what is wrong with the run', () => {
    expect(html()).toContain('<title>doctor a.example.com: failed</title>');
    expect(html()).toContain('<p class="result fail">1 passed, 1 warned, 1 failed, 1 skipped</p>');
    const ok = renderHtml(examined([ended('domain.valid', 'pass')]));
    expect(ok).toContain('<title>doctor a.example.com: nothing failed</title>');
    expect(ok).toContain('<p class="result pass">1 passed</p>');
    const interrupted = renderHtml(examined([ended('domain.valid', 'pass')], { end: 'interrupted' }));
    expect(interrupted).toContain('<p class="result fail">1 passed: interrupted</p>');
    expect(ok).toContain(`<footer>Run from here. ${tool.name} ${tool.version}</footer>`);
  });
});

describe('a report without a domain', () => {
  it('names none, in any format', () => {
    const run = { ended: [ended('env.mix-up', 'pass')], end: 'finished' } as const;
    const examination = makeReport(run, { target: undefined, vantage: 'from here', strict: false });
    expect(examination.report.target).toEqual({ domain: null, webhookUrl: null, oauthUrl: null });
    expect(renderGithub(examination)).toBe('doctor: 1 passed, 0 warned, 0 failed, 0 skipped\n');
    expect(renderJunit(examination)).toContain('<testsuite name="spacelift-slack doctor" ');
    expect(renderMarkdown(examination)).toMatch(/^### doctor: nothing failed\n/);
    const said = 'No domain is given: only what needs none is checked.';
    expect(renderHtml(examination)).toContain(`<h1>doctor</h1>\n<p class="url">${said}</p>\n`);
    const text = renderText(examination, {
      pen: new Chalk({ level: 0 }),
      marks: marksFor({}),
      detail: 'groups',
    });
    expect(text.split('\n').slice(0, 2)).toEqual([said, 'Run from here.']);
  });
});

describe('describeVantage', () => {
  const facts: VantageFacts = {
    hostname: 'build-7',
    network: true,
    dnsServer: undefined,
    connectTo: [],
    ca: undefined,
    proxy: false,
    socketMode: false,
  };
  const inside = 'From inside your network, a pass does not prove that Slack gets through';

  it.each<[Partial<VantageFacts>, string]>([
    [{}, `from build-7, with the resolver of this machine. ${inside}`],
    [{ dnsServer: '1.1.1.1' }, `from build-7, with the resolver 1.1.1.1 (--dns). ${inside}`],
    [
      {
        connectTo: [{ text: 'a:443:b:1', host: 'a', port: 443, toHost: 'b', toPort: 1 }],
      },
      `from build-7, with the resolver of this machine. Connections are redirected by --connect-to a:443:b:1. ${inside}`,
    ],
    [
      { ca: 'root.pem' },
      `from build-7, with the resolver of this machine. The roots in root.pem (--ca) are trusted; Slack does not trust them. ${inside}`,
    ],
    [
      { proxy: true },
      `from build-7, with the resolver of this machine. Slack's API is called through HTTPS_PROXY, the endpoint directly: no probe goes through the proxy. ${inside}`,
    ],
    [
      { ca: 'root.pem', socketMode: true },
      'from build-7, with the resolver of this machine. The roots in root.pem (--ca) are trusted. Spacelift is checked as the relay sees it from this host: with Socket Mode, Slack calls no endpoint',
    ],
    [{ network: false, ca: 'root.pem', proxy: true }, 'from build-7: no check used a network'],
  ])('says what is not as Slack would see it: %j', (changes, words) => {
    expect(describeVantage({ ...facts, ...changes })).toBe(words);
  });
});
