import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { type CheckId, describeCheck } from '../../../src/doctor/catalogue/catalogue.ts';
import type { Status } from '../../../src/doctor/check.ts';
import { marksFor } from '../../../src/doctor/report/marks.ts';
import type { CheckReport, Examination } from '../../../src/doctor/report/report.ts';
import { paint, renderText, type TextOptions } from '../../../src/doctor/report/text.ts';

const pen = new Chalk({ level: 0 });

function check(id: CheckId, status: Status, detail = 'fine', blockedBy: CheckId | null = null): CheckReport {
  const { group, title } = describeCheck(id);
  const hint = status === 'fail' || status === 'warn' ? 'Fix it.' : null;
  return { id, group, status, title, detail, hint, docs: `explain ${id}`, durationMs: 1, blockedBy };
}

function render(checks: readonly CheckReport[], options: Partial<TextOptions> = {}, runProblem?: string) {
  const count = (status: Status) => checks.filter((one) => one.status === status).length;
  const examination: Examination = {
    strict: false,
    runProblem,
    report: {
      schemaVersion: 1,
      tool: { name: 'spacelift-slack', version: '1' },
      target: { domain: 'a.example.com', webhookUrl: 'https://a', oauthUrl: 'https://b' },
      vantage: 'from here',
      ok: count('fail') === 0,
      end: 'finished',
      summary: { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') },
      checks,
    },
  };
  return renderText(examination, { pen, marks: marksFor({}), detail: 'groups', ...options });
}

const broken = [
  check('env.client-id', 'pass'),
  check('env.mix-up', 'pass'),
  check('dns.resolves', 'warn', 'IPv6 only'),
  check('tls.trusted', 'fail', 'self-signed'),
  check('tls.hostname', 'pass'),
  check('webhook.reachable', 'skip', 'not run', 'tls.trusted'),
  check('signature.challenge', 'skip', 'not run', 'tls.trusted'),
  check('slack.reachable', 'fail', 'refused'),
  check('slack.app-drift', 'skip', 'no token'),
];

describe('the text report', () => {
  it('has a line for each group, folds what was not run, and ends with the group that failed first', () => {
    expect(render(broken)).toBe(`a.example.com  https://a
Slack ! DNS ✗ TLS · endpoint · signature
Run from here.

✓ environment  2 passed
! domain       1 warned
  ! dns.resolves  IPv6 only
                  Fix it.
✗ tls          1 passed, 1 failed
  ✗ tls.trusted  see below
✗ slack        1 failed, 1 skipped
  ✗ slack.reachable  see below
  · slack.app-drift  no token
· 2 checks not run: tls.trusted failed

3 passed, 1 warned, 3 skipped, 2 failed: tls.trusted, slack.reachable

✗ slack.reachable  refused
  Fix it.
  explain slack.reachable

✗ tls.trusted  self-signed
  Fix it.
  explain tls.trusted
`);
  });

  it('has the failures of a group in one order, above and below the summary', () => {
    const text = render([
      check('env.client-id', 'fail'),
      check('env.client-secret', 'fail'),
      check('env.signing-secret', 'fail'),
      check('dns.resolves', 'fail'),
      check('slack.reachable', 'fail'),
    ]);
    const named = [...text.matchAll(/^ *✗ (\S+\.\S+) /gm)].map(([, id]) => id);
    const environmentIds = ['env.client-id', 'env.client-secret', 'env.signing-secret'];
    expect(named).toEqual([
      ...[...environmentIds, 'dns.resolves', 'slack.reachable'],
      // The group that failed first stands last, where a small screen shows it.
      ...['dns.resolves', 'slack.reachable', ...environmentIds],
    ]);
    expect(text).toContain('5 failed: env.client-id, env.client-secret, env.signing-secret, dns.resolves,');
  });

  it('folds the checks of a group that were skipped for one reason', () => {
    const text = render([
      check('tls.trusted', 'skip', 'no connection'),
      check('tls.hostname', 'skip', 'no connection'),
      check('tls.version', 'skip', 'another reason'),
    ]);
    expect(text).toContain('  · tls.version  another reason\n  · 2 checks: no connection\n');
    expect(text).not.toContain('tls.trusted');
  });

  it('folds what was skipped for one reason in several groups into one line below them', () => {
    const reason = 'excluded by --offline: it needs a network';
    const text = render([
      check('domain.valid', 'pass'),
      check('dns.resolves', 'skip', reason),
      check('tls.trusted', 'skip', reason),
      check('tls.hostname', 'skip', reason),
    ]);
    expect(text).toContain(`✓ domain       1 passed\n· 3 checks: ${reason}\n\n`);
    expect(text).not.toContain('tls  ');
  });

  it('lists every check with --verbose', () => {
    const text = render(broken, { detail: 'all' });
    for (const { id } of broken) expect(text).toMatch(new RegExp(`^  \\S ${id} `, 'm'));
    expect(text).not.toMatch(/\d checks/);
  });

  it('has the summary and the failures alone with --quiet', () => {
    expect(render(broken, { detail: 'failures' })).toMatch(/^3 passed, .*\n\n✗ slack\.reachable/);
    expect(render([check('tls.expiry', 'pass')], { detail: 'failures' })).toBe(
      '1 passed, 0 warned, 0 skipped, 0 failed\n',
    );
  });

  it.each(['interrupted', 'time limit reached (--timeout)'])('ends with "%s"', (problem) => {
    expect(render(broken, {}, problem)).toMatch(new RegExp(`\n\n✗ ${problem.replace(/[()]/g, '\\$&')}\n$`));
  });

  it('says what did not end, and what was not run because of it', async () => {
    const text = render([
      check('domain.valid', 'fail', 'bad'),
      check('tls.trusted', 'skip', 'not finished: interrupted'),
      check('webhook.reachable', 'skip', 'not run', 'tls.trusted'),
      check('slack.reachable', 'fail', 'refused'),
      check('slack.credentials', 'skip', 'not run', 'slack.reachable'),
      check('slack.app-drift', 'skip', 'not run', 'slack.reachable'),
    ]);
    expect(text).toContain(
      '· 1 check not run: tls.trusted did not end\n· 2 checks not run: slack.reachable failed\n\n',
    );
  });

  it('leaves what was skipped for reasons of single groups in these groups', () => {
    const text = render([check('tls.trusted', 'skip', 'one'), check('slack.app-drift', 'skip', 'another')]);
    expect(text).toContain('  · tls.trusted  one\n');
    expect(text).toContain('  · slack.app-drift  another\n');
  });

  it('marks DNS as broken if the name is not valid', () => {
    expect(render([check('domain.valid', 'fail')])).toContain('Slack ✗ DNS · TLS');
  });

  it('marks DNS as not checked if only the name was valid', () => {
    const text = render([
      check('domain.valid', 'pass'),
      check('dns.resolves', 'skip'),
      check('tls.trusted', 'pass'),
    ]);
    expect(text).toContain('Slack · DNS ✓ TLS · endpoint');
  });

  it('has the socket on the way with Socket Mode', () => {
    expect(render([check('socket.enabled', 'fail')])).toContain('Slack ✗ socket · DNS · TLS');
  });

  it('has no way if nothing on it is part of the run', () => {
    expect(render([check('slack.reachable', 'pass')])).not.toMatch(/DNS|^Slack/m);
  });
});

describe('the colours of the text report', () => {
  const colours = new Chalk({ level: 1 });

  it('say what the marks say', () => {
    const text = render(broken, { pen: colours });
    for (const [status, mark] of [
      ['pass', '✓'],
      ['warn', '!'],
      ['fail', '✗'],
      ['skip', '·'],
    ] as const) {
      expect(text).toContain(`${paint(status, mark, colours)} `);
    }
    expect(paint('pass', 'x', colours)).toBe(colours.green('x'));
    expect(paint('warn', 'x', colours)).toBe(colours.yellow('x'));
    expect(paint('fail', 'x', colours)).toBe(colours.red.bold('x'));
    expect(paint('skip', 'x', colours)).toBe(colours.dim('x'));
  });

  it('show at once whether the run failed', () => {
    expect(render(broken, { pen: colours })).toContain(
      colours.red('3 passed, 1 warned, 3 skipped, 2 failed: tls.trusted, slack.reachable'),
    );
    expect(render([check('tls.expiry', 'pass')], { pen: colours })).toContain(
      colours.green('1 passed, 0 warned, 0 skipped, 0 failed'),
    );
    expect(render(broken, { pen: colours }, 'interrupted')).toContain(colours.red.bold('✗ interrupted'));
  });

  it('put what was skipped in the background', () => {
    const text = render(broken, { pen: colours });
    expect(text).toContain(`slack.app-drift  ${colours.dim('no token')}`);
    expect(text).toContain('dns.resolves  IPv6 only\n');
    expect(text).toContain(colours.dim('· 2 checks not run: tls.trusted failed'));
  });
});

describe('marksFor', () => {
  it.each([
    [{ LANG: 'C.UTF-8' }, '✓'],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, '+'],
    [{ LANG: 'POSIX' }, '+'],
    [{ TERM: 'linux', LANG: 'C.UTF-8' }, '+'],
    [{ LANG: 'en_US.utf8' }, '✓'],
    [{ LC_CTYPE: 'C', LANG: 'en_US.UTF-8' }, '+'],
    [{ LC_ALL: 'C.UTF-8', LC_CTYPE: 'C', LANG: 'C' }, '✓'],
    [{ LC_ALL: '', LC_CTYPE: '', LANG: '' }, '✓'],
    [{}, '✓'],
  ])('takes %j for a terminal that shows %s', (env, mark) => {
    expect(marksFor(env).pass).toBe(mark);
  });
});
