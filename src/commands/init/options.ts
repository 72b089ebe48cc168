import { type Command, Option } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import { deploymentFormats } from '../../environment/formats/formats.ts';
import { caOption } from '../options/ca.ts';
import { connectToOption } from '../options/connect-to.ts';
import { domainOption } from '../options/domain.ts';
import { forceOption } from '../options/out.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export const ways = ['token', 'link'] as const;

/** The options of `init`. */
export function addInitOptions(command: Command) {
  return command
    .addOption(domainOption())
    .addOption(new Option('--public', 'Slack can reach that domain').conflicts('webhookDomain'))
    .addOption(
      new Option('--socket-mode', 'nothing can reach it: a relay inside opens the connections').conflicts([
        'public',
        'webhookDomain',
      ]),
    )
    .option(
      '--webhook-domain <domain>',
      'Slack cannot: the public host of a relay [env: SPACELIFT_WEBHOOK_DOMAIN]',
    )
    .option('--org', 'let a whole Enterprise organisation install the app: sets org_deploy_enabled')
    .addOption(
      new Option(
        '--by <way>',
        'how to create the app: with a configuration token, or through a link in the browser',
      ).choices(ways),
    )
    .addOption(
      new Option('--form <form>', 'the format of the deployment').choices(
        deploymentFormats.map(({ name }) => name),
      ),
    )
    .option('--write <file>', 'the env file for the credentials')
    .option('--out <file>', 'the file for a format other than dotenv')
    .addOption(forceOption())
    .option('--secrets-stdin', 'read secrets from stdin, as dotenv or JSON')
    .option('--doctor', 'run doctor at the end')
    .option('--no-doctor', 'do not run doctor at the end')
    .addOption(caOption())
    .addOption(connectToOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

export type InitOptions = OptionsOf<typeof addInitOptions>;
