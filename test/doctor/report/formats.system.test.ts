import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it, onTestFinished } from 'vitest';
import schema from '../../../schemas/doctor-report.schema.json' with { type: 'json' };
import { type CheckId, checkIds } from '../../../src/doctor/catalogue/catalogue.ts';
import { renderGithub } from '../../../src/doctor/report/github.ts';
import { renderJunit } from '../../../src/doctor/report/junit.ts';
import { renderMarkdown } from '../../../src/doctor/report/markdown.ts';
import type { CheckReport, Examination, Report } from '../../../src/doctor/report/report.ts';
import { createScene, examineAt, host, type Scene } from '../../support/examination.ts';
import { runInProcess } from '../../support/in-process.ts';
import { slackEndpoint } from '../../support/slack-endpoint.ts';
import { httpsServer, tcpServer } from '../../support/tls-server.ts';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
const formats = ['text', 'json', 'junit', 'markdown', 'html', 'github'] as const;

async function deploy(scene: Scene, endpoint: Partial<Parameters<typeof slackEndpoint>[0]> = {}) {
  const { authority, signingSecret } = scene;
  return httpsServer(
    await authority.issue({ names: [host] }),
    slackEndpoint({ signingSecret, ...endpoint }),
    scene,
  );
}

/** The report of one deployment in every format, with the step summary of the last. */
async function inEveryFormat(scene: Scene, port: number, args: readonly string[] = []) {
  const summary = join(scene.cwd, 'summary.md');
  await writeFile(summary, 'what was there\n');
  const run = (format: string) =>
    runInProcess(
      [
        ...['doctor', '--domain', host, '--ca', 'root.pem', '--slack-api-url', scene.slack.url],
        ...['--connect-to', `${host}:443:127.0.0.1:${port}`, '--format', format, ...args],
      ],
      { cwd: scene.cwd, env: { PATH: process.env['PATH'] ?? '', GITHUB_STEP_SUMMARY: summary } },
    );
  const runs = await Promise.all(formats.map(run));
  const outputs = Object.fromEntries(formats.map((format, index) => [format, runs[index]?.stdout ?? '']));
  return {
    codes: runs.map(({ code }) => code),
    outputs,
    stderr: runs.map(({ stderr }) => stderr).join(''),
    summary: await readFile(summary, 'utf8'),
  };
}

describe('every format', () => {
  it('reports the same about a healthy deployment, and exits alike', async () => {
    const scene = await createScene(onTestFinished);
    // All formats run at once: the endpoint may be slow on a busy machine, which is a warning.
    const port = await deploy(scene);
    const { codes, outputs, summary } = await inEveryFormat(scene, port, ['--skip', 'webhook.latency']);

    expect(codes).toEqual(formats.map(() => 0));
    const report: Report = JSON.parse(outputs['json'] ?? '');
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report).toMatchObject({
      ok: true,
      target: {
        domain: host,
        webhookUrl: `https://${host}/webhooks/slack`,
        oauthUrl: `https://${host}/slack_oauth`,
      },
      summary: { fail: 0, warn: 0 },
    });
    expect(report.vantage).toMatch(/--connect-to .*--ca/);
    for (const { group } of report.checks) expect(outputs['text']).toContain(group);
    expect(outputs['github']).not.toContain('::');
    expect(summary).toMatch(/^what was there\n### doctor spacelift\.example\.com: nothing failed\n/);
  });

  it('reports the same without a domain', async () => {
    const { cwd } = await createScene(onTestFinished);
    const run = (format: string) =>
      runInProcess(['doctor', '--only', 'env.client-id', '--format', format], { cwd });
    const runs = await Promise.all(formats.map(run));
    expect(runs.map(({ code }) => code)).toEqual(formats.map(() => 0));
    const [text = '', json = '', junit, markdown, html, github] = runs.map(({ stdout }) => stdout);
    expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true);
    for (const output of [text, html]) expect(output).toContain('No domain is given');
    expect(junit).toContain('name="spacelift-slack doctor"');
    expect(markdown).toMatch(/^### doctor: nothing failed\n/);
    expect(github).toBe('doctor: 1 passed, 0 warned, 0 failed, 0 skipped\n');
  });

  it('reports the same about a broken one', async () => {
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, { lenient: () => true });
    const { codes, outputs, summary } = await inEveryFormat(scene, port);

    expect(codes).toEqual(formats.map(() => 1));
    const report: Report = JSON.parse(outputs['json'] ?? '');
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const failed = report.checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
    expect(failed).toHaveLength(4);
    expect(outputs['text']).toContain(`4 failed: ${failed.join(', ')}\n`);
    for (const id of failed) {
      expect(outputs['text']).toContain(`\n\u2717 ${id}  `);
      expect(outputs['github']).toContain(`::error title=${id}::`);
      expect(summary).toContain(`| fail | ${id} |`);
    }
    const xml = outputs['junit'] ?? '';
    expect(XMLValidator.validate(xml)).toBe(true);
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml);
    const cases: { '@_name': string; failure?: unknown }[] = testsuites.testsuite.testcase;
    expect(cases.filter(({ failure }) => failure !== undefined).map((each) => each['@_name'])).toEqual(
      failed,
    );
  });

  it('shows nothing that a hostile server or Slack could mean for a terminal, a CI system or a reader', async () => {
    const scene = await createScene(onTestFinished);
    const nasty = '\n::error::owned\n ##[error]owned \u001b[31mred\u202e <b>&" ]]> @everyone [x](y)';
    const port = await deploy(scene, {
      before: (request, response) => {
        const echoed = `${scene.signingSecret} ${request.headers['x-slack-signature']} ${scene.clientSecret}`;
        response
          .writeHead(200, { 'Content-Type': 'text/html', Server: '##[error]owned ::error::owned' })
          .end(`<title>${echoed} ${nasty} 0123456789 the rest of the page</title>`);
        return true;
      },
    });
    const word = { refuse: `owned${nasty} ${scene.clientSecret}` };
    scene.slack.next('oauth.v2.access', ...formats.map(() => word));
    const { codes, outputs, stderr, summary } = await inEveryFormat(scene, port, [
      '--skip',
      'webhook.reachable',
    ]);

    expect(codes).toEqual(formats.map(() => 1));
    expect(outputs['text']).toContain('owned');
    for (const output of [...Object.values(outputs), stderr, summary]) {
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(output).not.toContain('##[');
      expect(output).not.toMatch(/^\s*::(?!(error|warning) title=[a-z-]+\.[a-z-]+::)/m);
      expect(output).not.toContain('the rest of the page');
      for (const secret of [scene.signingSecret, scene.clientSecret, 'v0=']) {
        expect(output).not.toContain(secret);
      }
    }
    expect(XMLValidator.validate(outputs['junit'] ?? '')).toBe(true);
    expect(summary).not.toMatch(/<b>|@everyone|\[x\]/);
    expect(outputs['html']).not.toMatch(/<b>|<script/);
  });
});

describe('the GitHub format', () => {
  const check = (id: CheckId, status: CheckReport['status'], detail = 'what'): CheckReport => ({
    id,
    group: 'domain',
    status,
    title: 'title',
    detail,
    hint: 'Do it.',
    docs: 'spacelift-slack explain x',
    durationMs: 1,
    blockedBy: null,
  });
  const report = (checks: readonly CheckReport[], how: Partial<Examination> = {}): Examination => ({
    strict: false,
    runProblem: undefined,
    ...how,
    report: {
      schemaVersion: 1,
      tool: { name: 'spacelift-slack', version: '1' },
      target: { domain: host, webhookUrl: 'https://w', oauthUrl: 'https://o' },
      vantage: 'here',
      ok: false,
      end: 'finished',
      summary: { pass: 0, warn: 0, fail: 0, skip: 0 },
      checks,
    },
  });

  it('annotates the ten worst, failures first', () => {
    const ids = checkIds.slice(0, 14);
    const checks = ids.map((id, index) => check(id, index % 2 === 0 ? 'warn' : 'fail'));
    const lines = renderGithub(report(checks)).split('\n');
    const annotations = lines.filter((line) => line.startsWith('::'));
    expect(annotations).toHaveLength(10);
    expect(annotations.map((line) => line.split(' ')[0])).toEqual([
      ...Array<string>(7).fill('::error'),
      ...Array<string>(3).fill('::warning'),
    ]);
  });

  it('reports warnings that count, and a run that was interrupted, as errors', () => {
    const lines = renderGithub(
      report([check('tls.expiry', 'warn')], { strict: true, runProblem: 'interrupted' }),
    );
    expect(lines).toMatch(/^::error title=doctor::interrupted\n::error title=tls\.expiry::what\. Do it\.\n/);
    expect(renderMarkdown(report([], { runProblem: 'interrupted' }))).toContain('Result: interrupted.');
  });

  it('escapes what has a meaning in a workflow command', () => {
    const line = renderGithub(report([check('tls.trusted', 'fail', '100% of\r\nit')])).split('\n')[0];
    expect(line).toBe('::error title=tls.trusted::100%25 of%0Ait. Do it.');
  });

  it('keeps text in the summary text', () => {
    const page = renderMarkdown(report([check('tls.trusted', 'fail', '<img> | `x` [a](b) #1 @me')]));
    expect(page).not.toMatch(/<img>|`x`|\[a\]|@me/);
    expect(
      page
        .split('\n')
        .find((line) => line.startsWith('| fail'))
        ?.split('|'),
    ).toHaveLength(6);
  });
});

describe('renderJunit', () => {
  const suiteOf = (xml: string) => {
    expect(XMLValidator.validate(xml)).toBe(true);
    return new XMLParser({ ignoreAttributes: false }).parse(xml).testsuites.testsuite;
  };

  it('counts and nests as readers of JUnit expect', async () => {
    const scene = await createScene(onTestFinished);
    const { report } = await examineAt(scene, await deploy(scene), ['--skip', 'slack']);
    expect(suiteOf(renderJunit({ report, runProblem: undefined, strict: true }))).toMatchObject({
      '@_tests': String(report.checks.length),
      '@_failures': '0',
      '@_errors': '0',
      '@_skipped': String(report.summary.skip),
    });
  });

  it('fails as the run does: with --strict, and at its time limit', async () => {
    const scene = await createScene(onTestFinished);
    await chmod(join(scene.cwd, '.env'), 0o644);
    const run = ['doctor', '--domain', host, '--only', 'env.file-mode', '--format', 'junit'];
    const warned = async (...args: string[]) =>
      suiteOf((await runInProcess([...run, ...args], scene)).stdout);
    expect(await warned()).toMatchObject({ '@_failures': '0' });
    expect(await warned('--strict')).toMatchObject({ '@_failures': '1', testcase: { failure: {} } });

    const route = ['--connect-to', `${host}:443:127.0.0.1:${await tcpServer()}`, '--only', 'tls.version'];
    const cutOff = [...run.slice(0, 3), ...route, '--timeout', '100ms', '--format', 'junit'];
    const { stdout, code } = await runInProcess(cutOff, scene);
    expect(code).toBe(3);
    expect(suiteOf(stdout)).toMatchObject({
      '@_tests': '2',
      '@_errors': '1',
      testcase: [{ skipped: {} }, { error: { '@_message': 'time limit reached (--timeout)' } }],
    });
  });
});
