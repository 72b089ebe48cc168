import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { deploymentFormats } from '../../environment/formats/formats.ts';
import { addEnvOptions } from './options.ts';

export function define(command: Command, run: Run): void {
  addEnvOptions(command)
    .addHelpText('after', help)
    .action(run(async (context, options) => (await import('./run.ts')).writeVariables(context, options)));
}

const help = `
Formats:
${deploymentFormats.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`).join('\n')}

Values come from stdin, the environment, the env file or a prompt, never \
from options, which other users could see.

Examples:
  spacelift-slack env --write
  spacelift-slack env --format kubernetes-patch --out slack-patch.yaml
  spacelift-slack env --format cloudformation --merge config.json
  spacelift-slack env --placeholders --write .env.example
  spacelift-slack env --check .env
  spacelift-slack env --for relay --out relay.env`;
