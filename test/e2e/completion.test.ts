import { execFile } from 'node:child_process';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { launcher, runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTerminal, type TerminalWindow } from '../support/tmux.ts';

/** A folder with the program under its name, and two files to complete. */
async function home(): Promise<{ cwd: string; env: Record<string, string> }> {
  const cwd = await temporaryFolder();
  await symlink(launcher, join(cwd, 'spacelift-slack'));
  await writeFile(join(cwd, 'root-ca.pem'), '');
  return { cwd, env: { PATH: `${cwd}:${process.env['PATH']}`, HISTFILE: '/dev/null' } };
}

const interactive = {
  bash: 'bash --noprofile --norc -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};

const setUp = {
  bash: 'PS1="$ "; source <(spacelift-slack completion bash); source <(spacelift-slack completion bash)',
  zsh: 'PS1="$ "; autoload -Uz compinit; compinit -u -d ./dump; source <(spacelift-slack completion zsh)',
  fish: 'function fish_prompt; echo "> "; end; spacelift-slack completion fish | source',
};

async function openShell(
  shell: keyof typeof interactive,
  place?: Awaited<ReturnType<typeof home>>,
): Promise<TerminalWindow> {
  await need(shell);
  const window = await openTerminal(interactive[shell], place ?? (await home()));
  await window.type(`${setUp[shell]}; clear; echo re""ady`);
  await window.press('Enter');
  await window.waitFor(/^ready/m);
  return window;
}

// Each Tab starts the program anew, which takes its time on a busy machine.
describe.each(['bash', 'zsh', 'fish'] as const)('%s', { timeout: 90_000 }, (shell) => {
  it('completes commands, options, values and files as they are typed', async () => {
    const window = await openShell(shell);
    for (const [typed, completed] of [
      ['spacelift-slack trig', 'spacelift-slack trigger '],
      ['url-', 'spacelift-slack trigger url-verification '],
      ['--form', 'spacelift-slack trigger url-verification --format '],
      ['js', 'spacelift-slack trigger url-verification --format json '],
      ['--ca roo', 'spacelift-slack trigger url-verification --format json --ca root-ca.pem '],
      ['--ca=roo', '--ca root-ca.pem --ca=root-ca.pem'],
      ['--format=te', '--ca=root-ca.pem --format=text'],
    ] as const) {
      await window.type(typed);
      await window.press('Tab');
      await window.waitFor(completed.trimEnd());
    }
    expect(await window.screen()).not.toMatch(/error|not found|readonly/i);
  });

  it('shows what there is, and runs nothing of what was typed', async () => {
    const place = await home();
    const window = await openShell(shell, place);
    await window.type('spacelift-slack trigger --text $(touch pwned) ');
    await window.press('Tab');
    await window.press('Tab');
    await window.waitFor('slash-command');
    expect(await readdir(place.cwd)).not.toContain('pwned');
  });

  it('prints a script that the shell takes without a word', async () => {
    await need(shell);
    const { stdout, stderr, code } = await runProgram(['completion', shell]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'script'), stdout);
    await expect(promisify(execFile)(shell, ['-n', join(folder, 'script')])).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  });
});

it('fish shows descriptions', async () => {
  await need('fish');
  const { cwd, env } = await home();
  const script = "spacelift-slack completion fish | source; complete -C 'spacelift-slack exp'";
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], {
    cwd,
    env: { ...env, HOME: cwd },
  });
  expect(stdout).toMatch(/^explain\texplain an error word/);
});

it('offers every command of the program, and the values of their options', async () => {
  const help = await runProgram(['--help']);
  const names = [...help.stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(['manifest', 'trigger', 'explain', 'completion', 'help']));
  const reply = await runProgram(['completion', 'bash', '--', '']);
  expect(reply.stdout.trim().split('\n')).toEqual(names);
});

it.each([
  [
    ['serve', 'events', 'list', '--st'],
    ['--store', '--state'],
  ],
  [['app', '--v'], ['--verbose']],
])('offers for %j what is taken there, once', async (words, offered) => {
  const { stdout } = await runProgram(['completion', 'bash', '--', ...words]);
  expect(stdout.trim().split('\n')).toEqual(offered);
});

it.each([
  [[], /<shell> is required/],
  [['tcsh'], /expected one of bash, zsh, fish/],
])('refuses %j', async (args, said) => {
  const { code, stderr } = await runProgram(['completion', ...args]);
  expect(stderr).toMatch(said);
  expect(code).toBe(2);
});

it.each([
  [['doctor', '--only', 'tls,signature.ch'], 'tls,signature.challenge'],
  [['doctor', '--format', 'jun'], 'junit'],
  [['env', '--format', 'terra'], 'terraform-ecs'],
  [['explain', 'dispatch'], 'dispatch_failed'],
])('knows the values of %j', async (words, value) => {
  const { stdout } = await runProgram(['completion', 'bash', '--', ...words]);
  expect(stdout).toBe(`${value}\n`);
});
