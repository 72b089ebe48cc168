import type { Credentials } from '../credentials.ts';
import type { Form } from './form.ts';

/** What config.json of the CloudFormation installer holds under `slack_config`. */
export function slackConfig({ clientId, clientSecret, signingSecret }: Credentials) {
  return { enabled: true, client_id: clientId, client_secret: clientSecret, signing_secret: signingSecret };
}

export const cloudformation: Form = {
  name: 'cloudformation',
  summary: "slack_config for the CloudFormation installer's config.json",
  holdsValues: true,
  render: (credentials) => `${JSON.stringify({ slack_config: slackConfig(credentials) }, null, 2)}\n`,
  takeEffect: (file, { merged = false }) => [
    ...(merged
      ? ['# With slack_config in the config.json of your installation:']
      : [
          '# The installer wants slack_config within the config.json of your installation; this puts it there:',
          'spacelift-slack env --format cloudformation --merge config.json',
        ]),
    `./install.sh -c ${merged ? file : 'config.json'}`,
    '# Then restart the server, drain and scheduler services in ECS: they read their configuration when they start.',
  ],
};
