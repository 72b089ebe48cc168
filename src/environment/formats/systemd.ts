import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';

/** In double quotes systemd removes a backslash before these four. Source: systemd.exec(5), EnvironmentFile=. */
const escaped = /["\\`$]/g;

export const systemd: DeploymentFormat = {
  name: 'systemd',
  summary: "a file for systemd's EnvironmentFile=",
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}="${value.replace(escaped, '\\$&')}"\n`)
      .join(''),
  takeEffect: (file) => [
    `# In each unit: EnvironmentFile=${file} (an absolute path). Replace the names of the units by yours:`,
    'sudo systemctl daemon-reload',
    'sudo systemctl restart spacelift-server spacelift-drain spacelift-scheduler',
  ],
};
