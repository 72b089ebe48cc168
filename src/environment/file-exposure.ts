import { type ExecFileException, execFile } from 'node:child_process';
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
 * @returns undefined for a pipe or a device: its content is not stored
 */
export async function inspectExposure(file: string, env: Environment): Promise<FileExposure | undefined> {
  const status = await stat(file).catch(() => undefined);
  if (status && !status.isFile()) return undefined;
  const path = await realpath(file).catch(() => file);
  const git = await gitStateOf(basename(path), gitIn(dirname(path), env));
  if (status === undefined || process.platform === 'win32') return { git };
  return { mode: status.mode & 0o777, git };
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

/**
 * What git says about a file.
 *
 * @param name the file in its folder
 * @param git runs git in the folder
 */
export async function gitStateOf(name: string, git: RunGit): Promise<GitState> {
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.code !== 0) {
    return /not a git repository/i.test(inside.stderr) ? { state: 'outside' } : unknown(inside);
  }
  // A bare repository has no work tree, and the folder `.git` is outside of it.
  if (inside.stdout.trim() !== 'true') return { state: 'outside' };
  const tracked = await git('--literal-pathspecs', 'ls-files', '--error-unmatch', '--', name);
  if (tracked.code === 0) return { state: 'tracked' };
  if (tracked.code !== 1) return unknown(tracked);
  const ignored = await git('check-ignore', '--quiet', '--', name);
  if (ignored.code === 0) return { state: 'ignored' };
  return ignored.code === 1 ? { state: 'uncovered' } : unknown(ignored);
}

function unknown({ stderr }: GitResult): GitState {
  const [reason = ''] = stderr.trim().split('\n');
  return { state: 'unknown', reason };
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface GitResult {
  /** The exit code; absent if git could not be run. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type RunGit = (...args: string[]) => Promise<GitResult>;

/**
 * A repository may come from someone else, and its configuration can name programs. None of them runs: not the file
 * system monitor, no hook, and no transport for an object that a partial clone lacks.
 */
const safely = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const safeEnvironment = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none', GIT_TERMINAL_PROMPT: '0' };

function gitIn(folder: string, env: Environment): RunGit {
  const options = {
    cwd: folder,
    env: { ...childEnvironment(env), ...safeEnvironment, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
    timeout: 5_000,
  };
  return (...args) =>
    new Promise((resolve) => {
      execFile('git', [...safely, ...args], options, (error, stdout, stderr) => {
        resolve({ code: 0, stdout, stderr, ...(error && failureOf(error)) });
      });
    });
}

/** What is known of a git that failed: its exit code, or why it has none. */
export function failureOf({ code, killed }: Pick<ExecFileException, 'code' | 'killed'>): Partial<GitResult> {
  if (typeof code === 'number') return { code };
  return { code: undefined, stderr: killed ? 'git did not finish in time' : 'git could not be run here' };
}
