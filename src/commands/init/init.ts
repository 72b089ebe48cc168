import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { addInitOptions } from './options.ts';

export function define(command: Command, run: Run): void {
  addInitOptions(command)
    .addHelpText(
      'after',
      `
Asks for what no option gives, and remembers the answers for this folder: a
second run goes on where the first ended. Secrets are asked for masked, or come
from stdin, the environment or the env file: for --by token SLACK_CONFIG_TOKEN
or SLACK_CONFIG_REFRESH_TOKEN; for --by link SLACK_APP_CLIENT_ID,
SLACK_APP_CLIENT_SECRET and SLACK_SECRET.

Examples:
  spacelift-slack init
  spacelift-slack init --no-input --domain spacelift.example.com --public \\
    --by token --form dotenv --write .env --no-doctor`,
    )
    .action(run(async (context, options) => (await import('./flow.ts')).init(options, context)));
}
