import { variablesOf } from '../credentials.ts';
import type { Form } from './form.ts';

export const json: Form = {
  name: 'json',
  summary: 'one JSON object, for other tools',
  holdsValues: true,
  render: (credentials) => `${JSON.stringify(variablesOf(credentials), null, 2)}\n`,
  takeEffect: () => [
    '# Put the three into the environment of the server, drain and scheduler, then restart all three.',
  ],
};
