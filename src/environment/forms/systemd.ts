import { variablesOf } from '../credentials.ts';
import type { Form } from './form.ts';

/** Between double quotes systemd takes a backslash off before these four. Source: systemd.exec(5), EnvironmentFile=. */
const escaped = /["\\`$]/g;

export const systemd: Form = {
  name: 'systemd',
  summary: "a file for systemd's EnvironmentFile=",
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}="${value.replace(escaped, '\\$&')}"\n`)
      .join(''),
  takeEffect: (file) => [
    `# In each unit: EnvironmentFile=${file} (as an absolute path). The names of the units are yours:`,
    'sudo systemctl daemon-reload',
    'sudo systemctl restart spacelift-server spacelift-drain spacelift-scheduler',
  ],
};
