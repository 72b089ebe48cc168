import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launcher } from '../support/program.ts';

export interface StepResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the text of a CI step with bash, as GitHub and GitLab do: it ends at the first command that fails. */
export function runStep(
  text: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<StepResult> {
  return new Promise((resolve) => {
    const path = `${join(cwd, 'bin')}:${process.env['PATH']}`;
    execFile(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text],
      { cwd, env: { PATH: path, HOME: cwd, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Puts the command `spacelift-slack` into the folder's `bin`, where {@link runStep} finds it. */
export async function installCommand(bin: string): Promise<void> {
  await symlink(launcher, join(bin, 'spacelift-slack'));
}

/** A sound manifest, as a file in a folder. */
export async function writeManifest(folder: string): Promise<void> {
  const template = await readFile(
    new URL('../../templates/slack-app-manifest.json', import.meta.url),
    'utf8',
  );
  await writeFile(
    join(folder, 'manifest.json'),
    template.replace(/<your-[a-z-]*>/g, 'spacelift.example.com'),
  );
}
