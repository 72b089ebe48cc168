import { variablesOf } from '../credentials.ts';
import type { Form } from './form.ts';

/** Docker takes everything behind the first `=` as it stands: quotes would become part of the value. */
export const docker: Form = {
  name: 'docker',
  summary: "a file for docker's --env-file, without quotes",
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  takeEffect: (file) => [
    '# A restarted container keeps its old environment. Recreate those of the server, drain and scheduler:',
    `docker run --env-file ${file} ...`,
  ],
};
