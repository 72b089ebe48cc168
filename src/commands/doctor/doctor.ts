import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { describedChecks } from '../../doctor/catalogue/catalogue.ts';
import { ExitCode } from '../../exit-code.ts';
import { addDoctorOptions } from './options.ts';

export function define(command: Command, run: Run): void {
  addDoctorOptions(command)
    .addHelpText(
      'after',
      `
Exits with 0 if nothing failed, 1 if a check failed (with --strict: or warned), \
3 if the run did not finish or a file could not be written. Sends nothing that a server acts on: only \
challenges, and forms without a command.

Examples:
  spacelift-slack doctor --domain spacelift.example.com
  spacelift-slack doctor --domain spacelift.example.com --wait 5m --strict
  spacelift-slack doctor --domain spacelift.example.com --only dns --dns 1.1.1.1`,
    )
    .action(
      run(async (context, options) => {
        if (!options.list) {
          // From now on Ctrl-C ends with a report, also while the checks are being loaded.
          void context.interruption;
          return (await (await import('./run.ts')).runDoctor(options, context)).exitCode;
        }
        const lines = describedChecks.map(
          ({ id, group, title }) => `${group.padEnd(11)}  ${id.padEnd(26)}  ${title}`,
        );
        context.terminal.report(lines.join('\n'));
        return ExitCode.done;
      }),
    );
}
