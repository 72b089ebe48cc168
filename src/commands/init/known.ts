import type { Context } from '../../cli/context.ts';
import { noSettings } from '../../environment/settings.ts';
import { readSlackUrl } from '../options/slack-api-url.ts';
import type { KnownDeployment } from '../output/command-lines.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';
import { relayFile } from './socket-token.ts';

/** What the answers and options tell about the deployment, for command lines and next steps. */
export function knownDeployment(
  { domain, webhookDomain, way, appId, envFile }: Answers,
  { slackApiUrl, ca, connectTo = [] }: InitOptions,
  context: Context,
): KnownDeployment {
  return {
    domain,
    webhookDomain,
    way,
    appId,
    envFile,
    relayFile,
    slackApiUrl,
    // The origin was named when it was first used.
    slackUrl: readSlackUrl(slackApiUrl, noSettings, context, () => undefined),
    doctorOptions: [
      ...(ca === undefined ? [] : ['--ca', ca]),
      ...connectTo.flatMap(({ text }) => ['--connect-to', text]),
    ],
  };
}
