import { variablesOf } from '../credentials.ts';
import { encodeValue } from '../dotenv-document.ts';
import type { DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

export const dotenv: DeploymentFormat = {
  name: 'dotenv',
  summary: 'a .env file',
  remarks: 'Values are quoted where necessary. This is the default.',
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}=${encodeValue(key, value)}\n`)
      .join(''),
  takeEffect: (file) => [
    `# Make the server, drain and scheduler read ${shellWord(file)}, then restart all three: they read it when they start.`,
  ],
};
