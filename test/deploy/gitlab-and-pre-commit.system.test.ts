import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { need } from '../support/need.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installCommand, runStep, writeManifest } from './ci-steps.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFile(join(root, file), 'utf8');

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'bin'));
  await installCommand(join(folder, 'bin'));
  await writeManifest(folder);
});

describe('the GitLab template', () => {
  async function job(name: string, variables: Readonly<Record<string, string>>) {
    await need('bash');
    const jobs = parse(await read('deploy/gitlab/spacelift-slack.yml'));
    return runStep(jobs[name].script.join('\n'), folder, { CI: 'true', GITLAB_CI: 'true', ...variables });
  }

  it('validates the manifest', async () => {
    expect((await job('spacelift-slack-manifest', { SLACK_MANIFEST: 'manifest.json' })).code).toBe(0);
    await writeFile(join(folder, 'manifest.json'), '{}');
    expect((await job('spacelift-slack-manifest', { SLACK_MANIFEST: 'manifest.json' })).code).toBe(1);
    const { code, stderr } = await job('spacelift-slack-manifest', { SLACK_MANIFEST: '--help' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--help')]);
  });

  it('writes the report of doctor as JUnit, which the job keeps', async () => {
    const variables = { SPACELIFT_DOMAIN: 'spacelift.example.com', DOCTOR_OPTIONS: '--offline --skip=env' };
    expect((await job('spacelift-slack-doctor', variables)).code).toBe(0);
    const jobs = parse(await read('deploy/gitlab/spacelift-slack.yml'));
    const report = await readFile(
      join(folder, jobs['spacelift-slack-doctor'].artifacts.reports.junit),
      'utf8',
    );
    expect(report).toContain('<testsuite');
  });

  it('compares the app with what the variables name', async () => {
    const variables = { SPACELIFT_DOMAIN: 'spacelift.example.com', SLACK_APP_ID: 'A0123456789' };
    const { code, stderr } = await job('spacelift-slack-drift', variables);
    expect(code).toBe(2);
    expect(stderr).toContain('SLACK_CONFIG_TOKEN');
  });
});

describe('the pre-commit hook', () => {
  const preCommit = async (...args: string[]) => {
    const program = await need('pre-commit');
    return promisify(execFile)(program, args, {
      cwd: folder,
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        HOME: folder,
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
  };

  it('is defined as pre-commit requires', async () => {
    expect(await preCommit('validate-manifest', join(root, '.pre-commit-hooks.yaml'))).toMatchObject({
      code: 0,
    });
  });

  it('checks manifests, and no other files', async () => {
    const git = await need('git');
    const hooks: readonly object[] = parse(await read('.pre-commit-hooks.yaml'));
    // The command is installed already, so that nothing is downloaded.
    const local = hooks.map((hook) => ({ ...hook, language: 'system' }));
    await writeFile(
      join(folder, '.pre-commit-config.yaml'),
      stringify({ repos: [{ repo: 'local', hooks: local }] }),
    );
    await writeFile(join(folder, 'package.json'), '{}');
    // A name that begins like an option.
    await mkdir(join(folder, '--out=written'));
    await copyFile(join(folder, 'manifest.json'), join(folder, '--out=written/manifest.json'));
    await writeFile(join(folder, '.gitignore'), 'bin\n.cache\n');
    for (const args of [
      ['init', '--quiet'],
      ['add', '.'],
    ])
      await promisify(execFile)(git, args, { cwd: folder });

    expect(await preCommit('run', '--all-files')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Passed'),
    });
    await writeFile(join(folder, 'manifest.json'), '{}');
    expect(await preCommit('run', '--all-files')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/manifest\.json[\s\S]*display_information/),
    });
  });
});
