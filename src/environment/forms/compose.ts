import { variablesOf } from '../credentials.ts';
import type { Form } from './form.ts';

const services = ['server', 'drain', 'scheduler'];

/** An override file. Compose fills in `$NAME`, and reads `$$` as a dollar sign. */
export const compose: Form = {
  name: 'compose',
  summary: 'a Compose override file; adapt the names of its services',
  holdsValues: true,
  render(credentials) {
    const variables = Object.entries(variablesOf(credentials)).map(
      ([key, value]) => `  ${key}: ${JSON.stringify(value.replaceAll('$', '$$$$'))}`,
    );
    return [
      '# Generic: Spacelift publishes no Compose file. Rename the services to those of yours.',
      'x-slack: &slack',
      ...variables,
      'services:',
      ...services.flatMap((service) => [`  ${service}:`, '    environment: *slack']),
      '',
    ].join('\n');
  },
  takeEffect: (file) => [
    '# "docker compose restart" would keep the old environment. This form is generic: the names of the services are yours.',
    `docker compose -f compose.yaml -f ${file} up -d --force-recreate ${services.join(' ')}`,
  ],
};
