import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const preload = new URL('../support/kill-at-step.mjs', import.meta.url).href;
const values = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};
const before = `# ${randomBytes(2000).toString('hex')}\nSLACK_SECRET=old\nLAST=1\n`;

interface KilledRun {
  readonly killed: boolean;
  readonly content: string;
  readonly beside: readonly string[];
  /** The calls that were begun, in order. */
  readonly steps: readonly string[];
  readonly folder: string;
}

async function runAndKill(at: number): Promise<KilledRun> {
  const folder = await temporaryFolder();
  const log = join(await temporaryFolder(), 'steps');
  await writeFile(log, '');
  const file = join(folder, '.env');
  await writeFile(file, before, { mode: 0o600 });
  const env = { ...values, NODE_OPTIONS: `--import ${preload}`, KILL_AT: `${at}`, KILL_LOG: log };
  const { signal } = await runProgram(['env', '--write', '--quiet'], { cwd: folder, env });
  return {
    killed: signal === 'SIGKILL',
    content: await readFile(file, 'utf8'),
    beside: (await readdir(folder)).filter((name) => name !== '.env'),
    steps: (await readFile(log, 'utf8')).trim().split('\n'),
    folder,
  };
}

describe('env --write, killed', () => {
  it('at any step leaves the old file or the new one', async () => {
    const { content: after, steps, killed } = await runAndKill(0);
    expect(killed).toBe(false);
    expect(after).toContain(`SLACK_SECRET=${values.SLACK_SECRET}\nLAST=1\n`);
    for (const step of ['mkdir', 'open', 'writeFile', 'chmod', 'sync', 'rename', 'rmdir']) {
      expect(steps).toContain(step);
    }

    // The content is on the disk before its name, and then the name.
    expect(steps.filter((step) => ['writeFile', 'sync', 'rename'].includes(step))).toEqual([
      'writeFile',
      'sync',
      'rename',
      'sync',
    ]);

    const written = steps.indexOf('writeFile') + 1;
    const contents: string[] = [];
    for (const at of [...steps.keys()].map((index) => index + 1).concat(written + 0.5)) {
      const run = await runAndKill(at);
      expect(run.killed, `step ${at}, ${steps[Math.ceil(at) - 1]}`).toBe(true);
      expect([before, after]).toContain(run.content);
      contents.push(run.content);
    }
    expect(new Set(contents)).toEqual(new Set([before, after]));
  }, 120_000);

  it('before its first byte leaves a temporary file that only the owner may read', async () => {
    const { steps } = await runAndKill(0);
    const { folder, beside } = await runAndKill(steps.indexOf('writeFile') + 1);
    const temporary = beside.find((name) => name.endsWith('.tmp'));
    expect((await stat(join(folder, temporary ?? 'no temporary file'))).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('is made up for by the next run, which leaves nothing behind', async () => {
    const { steps } = await runAndKill(0);
    const { folder, beside, content } = await runAndKill(steps.indexOf('rename') + 1);
    expect(content).toBe(before);
    expect([...beside].sort()).toEqual([expect.stringMatching(/^\.env\.[0-9a-f]{12}\.tmp$/), '.env.lock']);
    expect(await runProgram(['env', '--write'], { cwd: folder, env: values })).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual(['.env']);
    expect(await readFile(join(folder, '.env'), 'utf8')).toContain(values.SLACK_SECRET);
  }, 60_000);
});
