import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { childEnvironment } from './child-environment.ts';

/** Who else can read an env file: other users of the machine, or readers of a repository. */
export interface FileExposure {
  /** The permission bits; absent if the file does not exist or the platform has none. */
  readonly mode?: number;
  readonly git: GitState;
}

/** `uncovered`: in a repository, not tracked, and not ignored. */
type GitState =
  | { readonly state: 'tracked' | 'ignored' | 'uncovered' | 'outside' }
  | { readonly state: 'unknown'; readonly reason: string };

export interface ExposureFinding {
  readonly check: 'env.file-mode' | 'env.file-tracked';
  readonly severity: 'warning';
  readonly message: string;
  readonly hint: string;
}

/**
 * Inspects a file, or the path of a file that is about to be written. Symbolic links are followed.
 *
 * @param file an absolute path
 * @param env the process environment, for git
 */
export async function inspectExposure(file: string, env: Environment): Promise<FileExposure> {
  const target = await realpath(file).catch(() => undefined);
  const git = await gitStateOf(target ?? file, env);
  if (target === undefined || process.platform === 'win32') return { git };
  return { mode: (await stat(target)).mode & 0o777, git };
}

/**
 * The reasons not to keep secrets in the file.
 *
 * @param name the file as the user named it
 */
export function exposureFindings(name: string, { mode, git }: FileExposure): ExposureFinding[] {
  const findings: ExposureFinding[] = [];
  if (mode !== undefined && (mode & 0o077) !== 0) {
    findings.push({
      check: 'env.file-mode',
      severity: 'warning',
      message: `${name} can be read by other users of this machine (mode ${mode.toString(8).padStart(4, '0')})`,
      hint: `Run: chmod 600 ${name}`,
    });
  }
  if (git.state === 'tracked') {
    findings.push({
      check: 'env.file-tracked',
      severity: 'warning',
      message: `${name} is tracked by git: everyone who can read the repository can read the secrets`,
      hint: `Run: git rm --cached ${name}, add the line ${basename(name)} to .gitignore, and replace secrets that were pushed.`,
    });
  }
  if (git.state === 'uncovered') {
    findings.push({
      check: 'env.file-tracked',
      severity: 'warning',
      message: `no .gitignore covers ${name}: "git add" would add it`,
      hint: `Add this line to .gitignore: ${basename(name)}`,
    });
  }
  return findings;
}

async function gitStateOf(file: string, env: Environment): Promise<GitState> {
  const folder = dirname(file);
  const path = basename(file);
  const inside = await git(folder, env, 'rev-parse', '--is-inside-work-tree');
  if (inside.code !== 0 || inside.stdout.trim() !== 'true') {
    const outside = inside.code === 0 || /not a git repository/i.test(inside.stderr);
    return outside
      ? { state: 'outside' }
      : { state: 'unknown', reason: inside.stderr.trim().split('\n')[0] ?? '' };
  }
  const tracked = await git(folder, env, '--literal-pathspecs', 'ls-files', '--error-unmatch', '--', path);
  if (tracked.code === 0) return { state: 'tracked' };
  const ignored = await git(folder, env, 'check-ignore', '--quiet', '--', path);
  return { state: ignored.code === 0 ? 'ignored' : 'uncovered' };
}

type Environment = Readonly<Record<string, string | undefined>>;

interface GitResult {
  /** The exit code; absent if git could not be run. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A repository may come from someone else, and its configuration can name programs. None of them runs: not the file
 * system monitor, no hook, and no transport for an object that a partial clone lacks.
 */
const safely = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const safeEnvironment = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none', GIT_TERMINAL_PROMPT: '0' };

function git(folder: string, env: Environment, ...args: string[]): Promise<GitResult> {
  return new Promise((resolve) => {
    const options = {
      cwd: folder,
      env: { ...childEnvironment(env), ...safeEnvironment, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
      timeout: 5_000,
    };
    execFile('git', [...safely, ...args], options, (error, stdout, stderr) => {
      if (!error) return resolve({ code: 0, stdout, stderr });
      if (typeof error.code === 'number') return resolve({ code: error.code, stdout, stderr });
      const reason = error.code === 'ENOENT' ? 'git could not be run here' : 'git did not finish in time';
      resolve({ code: undefined, stdout, stderr: reason });
    });
  });
}
