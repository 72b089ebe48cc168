import { variablesOf } from '../credentials.ts';
import { encodeValue } from '../dotenv-document.ts';
import type { Form } from './form.ts';

export const dotenv: Form = {
  name: 'dotenv',
  summary: 'a .env file',
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}=${encodeValue(key, value)}\n`)
      .join(''),
  takeEffect: (file) => [
    `# Have the server, drain and scheduler read ${file}, then restart all three: they read it when they start.`,
  ],
};
