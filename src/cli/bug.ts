import { ExitCode } from '../exit-code.ts';
import { tool } from '../package.ts';
import type { Host } from '../terminal/host.ts';

/**
 * Reports an error that is a bug of ours: stacks alone, since what else an error carries may be a request with its
 * token.
 *
 * @returns the exit code: not Node's own 1, which means here that a check has found something
 */
export function reportBug(error: unknown, host: Host): ExitCode {
  const lines = ['This is a bug in spacelift-slack. Please report it with the lines below.'];
  for (let cause: unknown = error; cause !== undefined; ) {
    lines.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  host.stderr.write(`${lines.join('\n')}\nspacelift-slack ${tool.version}\n`);
  return ExitCode.failed;
}
