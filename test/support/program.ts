import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { need } from './need.ts';
import { coverageEnvironment } from './program-coverage.ts';

/** The built program. */
export const launcher = fileURLToPath(new URL('../../bin/spacelift-slack.cjs', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
  /** The environment of the child besides PATH and HOME; it inherits nothing else. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** The most KiB that a file which the child writes may have; beyond it, writing fails as on a full disk. */
  readonly fileSizeLimit?: number;
  /** Ends the child once it has used more processor time than this, in seconds. */
  readonly cpuSeconds?: number;
  /** Sends a signal once the child's stdout or stderr contains this text. */
  readonly signalAt?: { readonly text: string; readonly signal: NodeJS.Signals };
}

/** Runs the built program as a child process, and waits for its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const isLimited = options.fileSizeLimit !== undefined || options.cpuSeconds !== undefined;
  if (isLimited) await need('bash');
  return new Promise((resolve, reject) => {
    const { fileSizeLimit = 'unlimited', cpuSeconds = 'unlimited' } = options;
    const program = [process.execPath, ...(options.nodeOptions ?? []), launcher, ...args];
    const limits = `ulimit -f ${fileSizeLimit} && ulimit -t ${cpuSeconds} && exec "$@"`;
    const [command = '', ...rest] = isLimited ? ['bash', '-c', limits, 'bash', ...program] : program;
    const child = spawn(command, rest, {
      cwd: options.cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: options.cwd ?? '/nonexistent',
        // The limit would cut off its report too.
        ...(options.fileSizeLimit === undefined && coverageEnvironment),
        ...options.env,
      },
    });
    let stdout = '';
    let stderr = '';
    let at = options.signalAt;
    const watch = () => {
      if (!at || !(stdout + stderr).includes(at.text)) return;
      child.kill(at.signal);
      // Once: a second signal would meet a process that is about to exit.
      at = undefined;
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      watch();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      watch();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}
