import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { addInitOptions } from './options.ts';

export function define(command: Command, run: Run): void {
  addInitOptions(command)
    .addHelpText(
      'after',
      `
Prompts for what no option gives, and remembers the answers for this folder: a \
second run continues where the first ended. Secrets come from a masked prompt, \
stdin, the environment or the env file: with --by token SLACK_CONFIG_TOKEN or \
SLACK_CONFIG_REFRESH_TOKEN; with --by link SLACK_APP_CLIENT_ID, \
SLACK_APP_CLIENT_SECRET and SLACK_SECRET.

Examples:
  spacelift-slack init
  spacelift-slack init --no-input --domain spacelift.example.com --public \\
    --by token --form dotenv --write .env --no-doctor`,
    )
    .action(run(async (context, options) => (await import('./flow.ts')).init(options, context)));
}
