import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { need } from '../support/need.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFile(join(root, file), 'utf8');

describe('deploy/prometheus', () => {
  it('passes promtool check, as rules and as a configuration', async () => {
    const promtool = await need('promtool');
    const rules = await run(promtool, ['check', 'rules', 'deploy/prometheus/rules.yaml'], { cwd: root });
    expect(rules.stdout).toMatch(/SUCCESS: \d+ rules found/);
    await run(promtool, ['check', 'config', 'deploy/prometheus/scrape.yaml'], { cwd: root });
  });

  it('alerts when it should, and only then, in promtool test', async () => {
    const promtool = await need('promtool');
    const { stdout } = await run(promtool, ['test', 'rules', 'test/deploy/alerts.yaml'], { cwd: root });
    expect(stdout).toContain('SUCCESS');
    const tested = new Set(
      parse(await read('test/deploy/alerts.yaml')).tests.flatMap(
        (one: { alert_rule_test: readonly { alertname: string; exp_alerts?: unknown }[] }) =>
          one.alert_rule_test.filter(({ exp_alerts }) => exp_alerts).map(({ alertname }) => alertname),
      ),
    );
    const rules: readonly { alert: string }[] = parse(await read('deploy/prometheus/rules.yaml')).groups[0]
      .rules;
    expect(rules.map(({ alert }) => alert).filter((name) => !tested.has(name))).toEqual([]);
  });
});

it('serve exports every metric that the alerts, the dashboard and the pages name', async () => {
  // The upstream and Slack are not there: every metric is exported nevertheless.
  const serve = await startServe(
    [
      ...['--socket-mode', '--upstream=http://127.0.0.1:9', '--slack-api-url=http://127.0.0.1:9'],
      `--store=sqlite:${await temporaryFolder()}/serve.db`,
    ],
    { SLACK_APP_TOKEN: `xapp-1-A0123456789-1234567890123-${'0a'.repeat(32)}` },
  );
  const text = await (await fetch(`${serve.adminUrl}/metrics`)).text();
  const exported = new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [name, `${name}_bucket`] : [name],
    ),
  );

  for (const file of [
    'deploy/prometheus/rules.yaml',
    'deploy/grafana/dashboard.json',
    'docs/relay.md',
    'docs/serve.md',
    'docs/socket-mode.md',
  ]) {
    const named = [...new Set((await read(file)).match(/\b(?:spacelift_slack|process)_\w+/g))];
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !exported.has(name)).map((name) => `${file}: ${name}`)).toEqual([]);
  }
});

it('the dashboard shows every metric that an alert uses', async () => {
  const metrics = /\bspacelift_slack_\w+/g;
  const used = [...new Set((await read('deploy/prometheus/rules.yaml')).match(metrics))];
  expect(used.length).toBeGreaterThan(10);
  const shown = new Set((await read('deploy/grafana/dashboard.json')).match(metrics));
  expect(used.filter((name) => !shown.has(name))).toEqual([]);
});

it('every query of the dashboard is PromQL that promtool accepts', async () => {
  const promtool = await need('promtool');
  const { panels } = JSON.parse(await read('deploy/grafana/dashboard.json'));
  const queries: readonly string[] = panels.flatMap(({ targets }: { targets: readonly { expr: string }[] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*')),
  );
  expect(queries.length).toBeGreaterThan(10);
  const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
  const file = join(await temporaryFolder(), 'queries.yaml');
  await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { stdout } = await run(promtool, ['check', 'rules', file]);
  expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
});

it('every panel of the dashboard has its place, and a query of the data source that the person chose', async () => {
  const { panels, uid } = JSON.parse(await read('deploy/grafana/dashboard.json'));
  expect(uid).toBe('spacelift-slack');
  const taken = new Set<string>();
  expect(panels.length).toBeGreaterThan(0);
  for (const { gridPos, targets, datasource } of panels) {
    expect(datasource.uid).toMatch(/^\$\{datasource\}$/);
    for (const { expr } of targets) expect(expr).toContain('{job=~"$job"');
    const cells = Array.from({ length: gridPos.w * gridPos.h }, (_, index) => {
      const [x, y] = [gridPos.x + (index % gridPos.w), gridPos.y + Math.floor(index / gridPos.w)];
      return `${x},${y}`;
    });
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(cells.filter((cell) => taken.has(cell))).toEqual([]);
    for (const cell of cells) taken.add(cell);
  }
});
