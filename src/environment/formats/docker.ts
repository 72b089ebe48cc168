import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

/** Docker uses everything after the first `=` literally: quotes would become part of the value. */
export const docker: DeploymentFormat = {
  name: 'docker',
  summary: 'a file for docker run --env-file',
  remarks: 'Without quotes: Docker would make them part of the value.',
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  takeEffect: (file) => [
    '# A restarted container keeps its old environment. Recreate those of the server, drain and scheduler:',
    `docker run --env-file ${shellWord(file)} ...`,
  ],
};
