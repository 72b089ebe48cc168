import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

const services = ['server', 'drain', 'scheduler'];

/** An override file. Compose replaces `$NAME`, and reads `$$` as a dollar sign. */
export const compose: DeploymentFormat = {
  name: 'compose',
  summary: 'a Compose override file',
  remarks: 'Spacelift publishes no Compose file: rename the services to yours.',
  holdsValues: true,
  render(credentials) {
    const variables = Object.entries(variablesOf(credentials)).map(
      ([key, value]) => `  ${key}: ${JSON.stringify(value.replaceAll('$', '$$$$'))}`,
    );
    return [
      '# Spacelift publishes no Compose file: rename the services to yours.',
      'x-slack: &slack',
      ...variables,
      'services:',
      ...services.flatMap((service) => [`  ${service}:`, '    environment: *slack']),
      '',
    ].join('\n');
  },
  takeEffect: (file) => [
    '# "docker compose restart" keeps the old environment. Replace the names of the services by yours:',
    `docker compose -f compose.yaml -f ${shellWord(file)} up -d --force-recreate ${services.join(' ')}`,
  ],
};
