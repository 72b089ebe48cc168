import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launcher, runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTerminal } from '../support/tmux.ts';

/** Messages that say what comes next, where a person could not know. */

describe('manifest diff with two files', () => {
  async function twoManifests(): Promise<string> {
    const cwd = await temporaryFolder();
    for (const name of ['a', 'b']) {
      const { stdout } = await runProgram(['manifest', '--domain', `${name}.example.com`]);
      await writeFile(join(cwd, `${name}.json`), stdout);
    }
    return cwd;
  }

  it('compares them, names both, and exits with 1 if they differ', async () => {
    const cwd = await twoManifests();
    const differing = await runProgram(['manifest', 'diff', 'a.json', 'b.json'], { cwd });
    expect([differing.code, differing.stdout]).toEqual([
      1,
      expect.stringContaining('a.json needs 4 changes to match b.json'),
    ]);
    const same = await runProgram(['manifest', 'diff', 'a.json', 'a.json', '--format', 'json'], { cwd });
    expect([same.code, JSON.parse(same.stdout)]).toEqual([0, { equal: true, changes: [] }]);
  });

  it('rejects a domain beside them, which it would not use', async () => {
    const args = ['manifest', 'diff', 'a.json', 'b.json', '--domain', 'c.example.com'];
    const { code, stderr } = await runProgram(args, { cwd: await twoManifests() });
    expect(code).toBe(2);
    expect(stderr).toContain('two files are compared with each other');
  });
});

it('names the four ways once for a domain that Slack cannot reach, and none for Socket Mode', async () => {
  const args = ['manifest', '--domain', 'spacelift.internal'];
  const { stderr } = await runProgram(args);
  expect(stderr.match(/only private networks use/g)).toHaveLength(1);
  expect(stderr.match(/^ {2}[1-4]\. /gm)).toHaveLength(4);
  expect((await runProgram([...args, '--socket-mode'])).stderr).toBe('');
});

it('says on a terminal where to paste the manifest', async () => {
  const line = `'${process.execPath}' '${launcher}' manifest --domain spacelift.example.com`;
  const terminal = await openTerminal(line, { cwd: await temporaryFolder() });
  expect(await terminal.waitFor('Paste it at')).toContain('From a manifest');
});

it.each(['127.0.0.1:3999', 'localhost:3999'])(
  'does not blame another process for two listeners with one address: %s',
  async (address) => {
    const args = ['serve', '--listen', address, '--admin-listen', '127.0.0.1:3999'];
    const env = { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' };
    const { code, stderr } = await runProgram(args, { env, cwd: await temporaryFolder() });
    expect(code).toBe(2);
    expect(stderr).toContain(`--listen and --admin-listen are both ${address}`);
  },
);

it('says without --verbose that a variable of the environment overrides another value in the env file', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, '.env'), 'SLACK_SECRET=00000000b10e8888abcd99e0e0e085a5\n', { mode: 0o600 });
  const args = ['doctor', '--domain', 'spacelift.example.com', '--only', 'env.signing-secret'];
  const env = { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' };
  const { code, stderr } = await runProgram(args, { cwd, env });
  expect(code).toBe(0);
  expect(stderr).toContain('SLACK_SECRET comes from the environment; .env holds a different value.');
});

it('lets doctor alone check the deployment that the project file remembers', async () => {
  const cwd = await temporaryFolder();
  const project = {
    domain: 'spacelift.example.com',
    webhookDomain: 'hooks.example.com',
    envFile: 'prod.env',
  };
  await writeFile(join(cwd, '.spacelift-slack.json'), JSON.stringify(project));
  await writeFile(join(cwd, 'prod.env'), 'SLACK_SECRET=8f742231b10e8888abcd99e0e0e085a5\n', { mode: 0o600 });
  const { stdout } = await runProgram(['doctor', '--offline', '--verbose'], { cwd });
  expect(stdout).toContain('spacelift.example.com  https://hooks.example.com/webhooks/slack');
  expect(stdout).toContain('the Signing Secret, from prod.env');
});
