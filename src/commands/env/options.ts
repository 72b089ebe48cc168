import { type Command, Option } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import { deploymentFormats } from '../../environment/formats/formats.ts';
import { UserError } from '../../user-error.ts';
import { envFileOption } from '../options/env-file.ts';

/** The options of `env`. */
export function addEnvOptions(command: Command) {
  return command
    .addOption(
      new Option('--format <form>', 'the format of the deployment (default: dotenv)').choices(
        deploymentFormats.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--write [file]', 'merge the variables into a dotenv file (default: .env)'))
    .addOption(
      new Option('--out <file>', 'write the text to a file instead of stdout').conflicts(['write', 'merge']),
    )
    .option('--force', 'let --out overwrite a file with other content')
    .addOption(
      new Option(
        '--merge <file>',
        'merge slack_config into this config.json (requires --format cloudformation)',
      ),
    )
    .addOption(
      new Option(
        '--check <file>',
        'compare a dotenv file with the environment, without printing values',
      ).conflicts(['write', 'out', 'merge', 'placeholders', 'reveal']),
    )
    .addOption(
      new Option(
        '--for <process>',
        'the process that reads them: spacelift, or relay for serve --socket-mode',
      )
        .choices(['spacelift', 'relay'] as const)
        .default('spacelift' as const),
    )
    .addOption(
      new Option('--placeholders', 'write placeholders, such as for a committed .env.example').conflicts([
        'merge',
        'secretsStdin',
      ]),
    )
    .option(
      '--namespace <name>',
      'the Kubernetes namespace (default: spacelift)',
      kubernetesName('--namespace', 'label'),
    )
    .option(
      '--secret-name <name>',
      'the Kubernetes Secret (default: spacelift-shared)',
      kubernetesName('--secret-name', 'subdomain'),
    )
    .option('--reveal', 'print the values on a terminal too')
    .addOption(envFileOption())
    .option(
      '--secrets-stdin',
      'read the values from stdin: dotenv, JSON, or the response of apps.manifest.create',
    );
}

export type EnvOptions = OptionsOf<typeof addEnvOptions>;

/** Source: Kubernetes' page "Object Names and IDs": a namespace is a DNS label, a Secret's name a DNS subdomain. */
const kubernetesNames = {
  label: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  subdomain: /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
};

function kubernetesName(option: string, kind: keyof typeof kubernetesNames): (text: string) => string {
  return (text) => {
    if (kubernetesNames[kind].test(text)) return text;
    throw new UserError('usage-invalid-argument', `${option}: "${text}" is not a Kubernetes name`, {
      hint: 'Use lowercase letters, digits and dashes, with a letter or digit at both ends.',
      exitCode: 2,
    });
  };
}
