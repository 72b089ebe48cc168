import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { localSlack } from '../support/local-slack.ts';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runStep, type StepResult, writeManifest } from './ci-steps.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
const action: Action = parse(await readFile(join(root, 'action.yml'), 'utf8'));

let folder: string;
beforeEach(async () => {
  await need('bash');
  folder = await temporaryFolder();
  await mkdir(join(folder, 'temp'));
});

/** Runs one step of the action with some inputs; the others have their defaults. */
async function step(
  id: string,
  inputs: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<StepResult & { readonly outputs: string; readonly summary: string }> {
  const found = action.runs.steps.find((one) => one.id === id || one.name === id);
  const context: Readonly<Record<string, string>> = {
    'github.action_path': root,
    'runner.temp': join(folder, 'temp'),
    ...Object.fromEntries(
      Object.entries(action.inputs).map(([name, { default: value }]) => [
        `inputs.${name}`,
        inputs[name] ?? value,
      ]),
    ),
  };
  const expand = (text: string) =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name) => context[name] ?? `?${name}?`);
  const env = Object.fromEntries(
    Object.entries(found?.env ?? {}).map(([name, value]) => [name, expand(value)]),
  );
  expect(Object.values(env).join()).not.toContain('?');
  const files = { GITHUB_OUTPUT: join(folder, 'outputs'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  for (const file of Object.values(files)) await writeFile(file, '');
  const result = await runStep(found?.run ?? 'exit 99', folder, {
    ...files,
    GITHUB_ACTIONS: 'true',
    ...env,
    ...more,
  });
  const [outputs, summary] = await Promise.all(Object.values(files).map((file) => readFile(file, 'utf8')));
  return { ...result, outputs: outputs ?? '', summary: summary ?? '' };
}

it('builds nothing where the program is built already', async () => {
  expect(await step('Build spacelift-slack', {})).toMatchObject({ code: 0, stdout: '' });
});

describe('the step that validates manifests', () => {
  it('passes for a sound one, and writes the findings as SARIF', async () => {
    await writeManifest(folder);
    const { code, outputs, summary } = await step('manifest', { manifest: 'manifest.json\n\n' });
    expect([code, outputs]).toEqual([0, `result=passed\nsarif=${folder}/temp/spacelift-slack.sarif\n`]);
    expect(summary).toContain('Slack manifest: passed');
    const sarif = JSON.parse(await readFile(join(folder, 'temp/spacelift-slack.sarif'), 'utf8'));
    expect(sarif).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] });
  });

  it('reports what is wrong as annotations, and takes a name with blanks and options as a name', async () => {
    const name = '-x $(touch pwned).json';
    await writeFile(join(folder, name), '{"display_information":{}}');
    const { code, stdout, outputs } = await step('manifest', { manifest: name });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^::error file=/m);
    expect(outputs).toContain('result=failed\n');
    await expect(readFile(join(folder, 'pwned'))).rejects.toThrow();
  });

  it('fails the run for a file that is missing', async () => {
    expect((await step('manifest', { manifest: 'none.json' })).code).toBeGreaterThan(1);
  });
});

describe('the step that tests the deployment', () => {
  const offline = { domain: 'spacelift.example.com', 'doctor-options': '--offline\n--skip=env\n' };

  it('passes, and writes the report into the summary', async () => {
    const { code, outputs, summary } = await step('doctor', offline);
    expect([code, outputs]).toEqual([0, 'result=passed\n']);
    expect(summary).toContain('spacelift.example.com');
  });

  it('reports a failed check, with the secrets of the job in its environment', async () => {
    const options = { ...offline, 'doctor-options': '--offline' };
    const { code, outputs, stdout } = await step('doctor', options, { SLACK_SECRET: 'xoxb-1-2-secret' });
    expect([code, outputs]).toEqual([0, 'result=failed\n']);
    expect(stdout).toMatch(/^::error/m);
    expect(stdout).not.toContain('xoxb-1-2-secret');
  });

  it('fails the run for an invalid domain', async () => {
    expect((await step('doctor', { ...offline, domain: '$(touch pwned)' })).code).toBe(2);
  });
});

it('the step that compares the app reports drift in the summary', async () => {
  const slack = await localSlack();
  const app = slack.workspace.addApp({});
  const inputs = { domain: 'spacelift.example.com', 'app-id': app.id };
  const env = { SLACK_API_URL: slack.url, SLACK_CONFIG_TOKEN: slack.workspace.configToken };
  const { code, outputs, summary } = await step('drift', inputs, env);
  expect([code, outputs]).toEqual([0, 'result=failed\n']);
  expect(summary).toContain('needs');
});
