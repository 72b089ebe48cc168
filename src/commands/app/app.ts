import { type Command, Option } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { envFileOption } from '../options/env-file.ts';
import { addRenderOptions } from '../options/render.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { appIdOption, tokenStoreOption } from './options.ts';

const formatOption = () =>
  new Option('--format <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const);

export function define(command: Command, run: Run): void {
  command.addHelpText(
    'after',
    `
Every command needs an app configuration token, in the environment or env file:
  SLACK_CONFIG_TOKEN          the access token, xoxe.xoxp-…; lives for 12 hours
  SLACK_CONFIG_REFRESH_TOKEN  the refresh token, xoxe-1-…; exchanged when
                              needed, and the new pair is kept
Generate both at https://api.slack.com/apps, "Your App Configuration Tokens".

Examples:
  spacelift-slack app create --domain spacelift.example.com --write
  spacelift-slack app diff --domain spacelift.example.com --app-id A0123456789`,
  );

  addRenderOptions(command.command('create'))
    .summary('create the app, and store its credentials at once')
    .description('Creates the app in Slack, and stores its credentials at once: Slack gives them only then.')
    .option('--write [file]', 'the env file that the three variables are written to (default: .env)')
    .option('--reveal', 'print the credentials too')
    .option('--yes', 'replace the credentials of another app in the file without asking')
    .addOption(formatOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((flags) => run(async (context) => (await import('./create.ts')).create(flags, context)));

  addRenderOptions(command.command('update'))
    .summary('bring the live app to what the domain needs')
    .description(
      'Brings the live app to what the domain needs. Slack replaces the whole manifest, so what would go is named first.',
    )
    .addOption(appIdOption())
    .option('--yes', 'go on without asking')
    .addOption(formatOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((flags) => run(async (context) => (await import('./update.ts')).update(flags, context)));

  command
    .command('export')
    .summary("print the live app's manifest")
    .description("Prints the live app's manifest as Slack has it.")
    .addOption(appIdOption())
    .addOption(
      new Option('--format <format>', 'how to print it')
        .choices(['json', 'yaml'] as const)
        .default('json' as const),
    )
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--force', 'let --out overwrite other content')
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((flags) => run(async (context) => (await import('./export.ts')).exportApp(flags, context)));

  addRenderOptions(command.command('validate'))
    .summary('have Slack check a manifest')
    .description(
      "Checks a manifest offline, then has Slack check it: a file, or the domain's own without one.",
    )
    .argument('[file]', 'JSON or YAML file; - for standard input')
    .option('--app-id <id>', 'check it as the next manifest of this app')
    .addOption(formatOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((file, flags) =>
      run(async (context) => (await import('./validate.ts')).validate(file, flags, context)),
    );

  addRenderOptions(command.command('diff'))
    .summary('compare the live app with what the domain needs')
    .description(
      'Compares the live app with what the domain needs, field by field. Ends with 1 where they differ.',
    )
    .addOption(appIdOption())
    .addOption(formatOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((flags) => run(async (context) => (await import('./diff.ts')).diff(flags, context)));

  command
    .command('delete')
    .summary('delete the app for good')
    .description('Deletes the app for good, with every installation of it. Its name must be typed.')
    .addOption(appIdOption())
    .option('--yes', 'delete without asking; --app-id must then be given')
    .addOption(formatOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action((flags) => run(async (context) => (await import('./delete.ts')).deleteApp(flags, context)));
}
