import type { Credentials } from '../credentials.ts';
import type { Form } from './form.ts';

/** What config.json of the CloudFormation installer holds under `slack_config`. */
export function slackConfig({ clientId, clientSecret, signingSecret }: Credentials) {
  return { enabled: true, client_id: clientId, client_secret: clientSecret, signing_secret: signingSecret };
}

export const cloudformation: Form = {
  name: 'cloudformation',
  summary: "the slack_config block of the CloudFormation installer's config.json",
  holdsValues: true,
  render: (credentials) => `${JSON.stringify({ slack_config: slackConfig(credentials) }, null, 2)}\n`,
  takeEffect: (file) => [
    '# With slack_config in the config.json of your installation:',
    `./install.sh -c ${file}`,
    '# Then restart the server, drain and scheduler services in ECS: they read their configuration when they start.',
  ],
};
