import type { Credentials } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

/** The value of `slack_config` in the config.json of the CloudFormation installer. */
export function slackConfig({ clientId, clientSecret, signingSecret }: Credentials) {
  return { enabled: true, client_id: clientId, client_secret: clientSecret, signing_secret: signingSecret };
}

export const cloudformation: DeploymentFormat = {
  name: 'cloudformation',
  summary: "slack_config for the CloudFormation installer's config.json",
  remarks: '`--merge config.json` writes it into that file.',
  holdsValues: true,
  render: (credentials) => `${JSON.stringify({ slack_config: slackConfig(credentials) }, null, 2)}\n`,
  takeEffect: (file, { merged = false }) => [
    ...(merged
      ? ['# Run the installer with the changed config.json:']
      : [
          '# The installer reads slack_config from the config.json of your installation. Write it there with:',
          'spacelift-slack env --format cloudformation --merge config.json',
        ]),
    `./install.sh -c ${merged ? shellWord(file) : 'config.json'}`,
    '# Then restart the server, drain and scheduler services in ECS: they read their configuration when they start.',
  ],
};
