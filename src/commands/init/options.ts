import { type Command, Option } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import { forms } from '../../environment/forms/forms.ts';
import { domainOption } from '../options/domain.ts';
import { forceOption } from '../options/out.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export const ways = ['token', 'link'] as const;

/** The options of `init`. */
export function addInitOptions(command: Command) {
  return command
    .addOption(domainOption())
    .addOption(new Option('--public', 'Slack can reach that host').conflicts('webhookDomain'))
    .addOption(
      new Option('--socket-mode', 'nothing can reach it: a relay inside opens the connections').conflicts([
        'public',
        'webhookDomain',
      ]),
    )
    .option(
      '--webhook-domain <domain>',
      'it cannot: the public host of a relay (also: SPACELIFT_WEBHOOK_DOMAIN)',
    )
    .option('--org', 'let a whole Enterprise organisation install the app: sets org_deploy_enabled')
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
    .addOption(forceOption())
    .option('--secrets-stdin', 'read the secrets from stdin, as dotenv or JSON')
    .option('--doctor', 'run doctor at the end')
    .option('--no-doctor', 'do not run it')
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

export type InitOptions = OptionsOf<typeof addInitOptions>;
