import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runInProcess } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const domain = ['--domain', 'spacelift.example.com'];
const doctor = ['doctor', ...domain, '--only', 'domain.valid'];
const ping = ['trigger', 'ssl-check', '--url', 'http://127.0.0.1:9'];

async function folder(): Promise<string> {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'folder'));
  await writeFile(join(cwd, 'file'), '{}');
  return cwd;
}

it.each([
  ['missing', 'there is no such file'],
  ['folder', 'it is a folder'],
  ['file/below', 'its folder is a file'],
])('reports why %s cannot be read, for every command', async (file, reason) => {
  const cwd = await folder();
  for (const args of [
    ['manifest', 'validate', file],
    ['manifest', ...domain, '--patch', file],
    ['manifest', ...domain, '--env-file', file],
    ['env', '--check', file],
    [...doctor, '--ca', file],
    [...ping, '--data', file],
  ]) {
    const { code, stderr } = await runInProcess(args, {
      cwd,
      env: { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' },
    });
    expect([args, code, stderr]).toEqual([
      args,
      2,
      expect.stringContaining(`${file} cannot be read: ${reason}`),
    ]);
  }
});

it.each([
  ['manifest', ...domain],
  ['manifest', 'validate', 'file'],
  ['manifest', 'diff', 'file', ...domain],
  ['app', 'export', '--app-id', 'A0123456789'],
  ['env', '--placeholders'],
  [...doctor, '--out', '-'],
])('does not pass over --force without --out: %s', async (...args) => {
  const { code, stdout, stderr } = await runInProcess([...args, '--force'], { cwd: await folder() });
  const refusal = 'error: --force requires --out FILE\nhint: Pass --out FILE too, or leave --force out.\n';
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: refusal });
});

it.each([['manifest', ...domain], ['env', '--placeholders'], ['env', '--format', 'terraform-ecs'], doctor])(
  'writes to what is no file as well: %s',
  async (...args) => {
    const { code, stdout } = await runInProcess([...args, '--out', '/dev/null'], { cwd: await folder() });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  },
);

it.each([
  ['missing/below', 'its folder does not exist'],
  ['folder', 'it is a folder'],
  ['file/below', 'its folder is a file'],
])('reports why %s cannot be written, for every command', async (file, reason) => {
  const cwd = await folder();
  const runs: readonly (readonly [args: readonly string[], env: Record<string, string>])[] = [
    [['manifest', ...domain, '--out', file], {}],
    [['env', '--format', 'terraform-ecs', '--out', file], {}],
    [['env', '--placeholders', '--write', file], {}],
    [[...doctor, '--out', file], {}],
    [[...doctor, '--format', 'github'], { GITHUB_STEP_SUMMARY: file }],
  ];
  for (const [args, env] of runs) {
    const { code, stderr } = await runInProcess(args, { cwd, env });
    const written = expect.stringMatching(new RegExp(`${file}( .*)? cannot be written: `));
    expect([args, code, stderr]).toEqual([args, 3, written]);
    expect(stderr).toMatch(reason);
  }
});

it.each([
  ['manifest', ...domain, '--out', 'folder'],
  ['env', '--placeholders', '--write', 'folder'],
])('advises to name a file if the output of %s is a folder', async (...args) => {
  const { code, stderr } = await runInProcess(args, { cwd: await folder() });
  expect([code, stderr]).toEqual([3, expect.stringContaining('folder cannot be written: it is a folder')]);
  expect(stderr).toContain('hint: Name a regular file.');
});
