import { type Command, Option } from '@commander-js/extra-typings';
import { forms } from '../../environment/forms/forms.ts';
import type { Run } from '../../main.ts';
import { tokenStoreOption } from '../app/options.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { ways } from './progress.ts';

export interface InitFlags {
  readonly domain?: string | undefined;
  readonly webhookDomain?: string | undefined;
  readonly public?: true | undefined;
  readonly by?: (typeof ways)[number] | undefined;
  readonly form?: string | undefined;
  readonly write?: string | undefined;
  readonly out?: string | undefined;
  readonly force?: true | undefined;
  readonly secretsStdin?: true | undefined;
  readonly doctor?: boolean | undefined;
  readonly slackApiUrl?: string | undefined;
  readonly tokenStore?: string | undefined;
}

export function define(command: Command, run: Run): void {
  command
    .option('--domain <domain>', 'the host that Spacelift answers on (also: SPACELIFT_DOMAIN)')
    .addOption(new Option('--public', 'Slack can reach that host').conflicts('webhookDomain'))
    .option(
      '--webhook-domain <domain>',
      'it cannot: the public host of a relay (also: SPACELIFT_WEBHOOK_DOMAIN)',
    )
    .addOption(
      new Option(
        '--by <way>',
        'create the app with a configuration token, or by hand through a link',
      ).choices(ways),
    )
    .addOption(
      new Option('--form <form>', 'the form that the deployment takes its variables in').choices(
        forms.map(({ name }) => name),
      ),
    )
    .option('--write <file>', 'the env file that keeps the credentials')
    .option('--out <file>', 'the file for a form other than dotenv')
    .option('--force', 'let --out overwrite other content')
    .option('--secrets-stdin', 'read the secrets from stdin, as dotenv or JSON')
    .option('--doctor', 'run doctor at the end')
    .option('--no-doctor', 'do not run it')
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
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
    .action((flags) => run(async (context) => (await import('./flow.ts')).init(flags, context)));
}
