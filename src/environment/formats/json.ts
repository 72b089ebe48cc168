import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';

export const json: DeploymentFormat = {
  name: 'json',
  summary: 'one JSON object, for other tools',
  holdsValues: true,
  render: (credentials) => `${JSON.stringify(variablesOf(credentials), null, 2)}\n`,
  takeEffect: () => [
    '# Set the three variables in the environment of the server, drain and scheduler, then restart all three.',
  ],
};
