import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';
import { shellQuote, shellWord } from './shell-quote.ts';

export const shell: DeploymentFormat = {
  name: 'shell',
  summary: 'export lines for sh and bash',
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `export ${key}=${shellQuote(value)}\n`)
      .join(''),
  takeEffect: (file) => [
    `. ${shellWord(file.includes('/') ? file : `./${file}`)}`,
    '# Then restart the server, drain and scheduler from that shell: they read their environment when they start.',
  ],
};
